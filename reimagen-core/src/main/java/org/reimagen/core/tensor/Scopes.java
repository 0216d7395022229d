package org.reimagen.core.tensor;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * Ownership of native memory across {@link org.bytedeco.javacpp.PointerScope}s.
 *
 * <p>A scope is opened once per training step, denoising step or encoded batch, and nowhere deeper; it frees all that was
 * made inside it. What must outlive it goes through {@link #keep}.
 */
public final class Scopes {
    private Scopes() {}

    /**
     * Lets a native object outlive the scope it was made in.
     *
     * @param pointer made in the innermost open scope
     * @return the same object; <b>Owns</b>: the caller, who calls {@link Pointer#releaseReference} when done with it
     */
    public static <P extends Pointer> P keep(P pointer) {
        pointer.retainReference();
        return pointer;
    }

    /**
     * Hands a kept object over to the innermost open scope; with none open, the caller goes on owning it.
     *
     * @param pointer that {@link #keep} returned
     */
    public static <P extends Pointer> P adopt(P pointer) {
        PointerScope scope = PointerScope.getInnerScope();
        if (scope != null) {
            scope.attach(pointer);
            pointer.releaseReference();
        }
        return pointer;
    }
}
