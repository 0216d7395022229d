package org.reimagen.core.tensor;

import org.bytedeco.javacpp.Pointer;

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
}
