package org.reimagen.core.tensor;

import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Mixed precision on this thread while open: convolutions, linear layers and attention in bfloat16, the rest in float32.
 *
 * <p>Closing restores what was set before and drops the cast copies of the weights, those of other threads too, as must happen after
 * every optimiser step. <b>Thread-safety</b>: confined to the thread that opened it.
 */
public final class Autocast implements AutoCloseable {
    private final boolean previous = torch.is_autocast_enabled(DeviceType.CPU);
    private final boolean copiesWereKept = torch.is_autocast_cache_enabled();

    private Autocast(boolean enabled, boolean keepCopies) {
        torch.set_autocast_cache_enabled(keepCopies);
        torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
        torch.set_autocast_enabled(DeviceType.CPU, enabled);
    }

    /**
     * Mixed precision with bfloat16, for training: no copy of a weight is kept.
     *
     * <p>All threads share the engine's copies. A gradient that goes through one copy twice adds up in bfloat16, through two
     * in float32; were copies kept, a thread that closes its scope would decide which of the two another thread gets.
     */
    public static Autocast bfloat16() {
        return new Autocast(true, false);
    }

    /** Mixed precision where {@link Precision} says that it is fast, float32 elsewhere. */
    public static Autocast fastest() {
        return new Autocast(Precision.bfloat16IsFast(), true);
    }

    /** Everything in the tensors' own precision. */
    public static Autocast off() {
        return new Autocast(false, true);
    }

    @Override
    public void close() {
        torch.set_autocast_enabled(DeviceType.CPU, previous);
        torch.set_autocast_cache_enabled(copiesWereKept);
        torch.clear_cache();
    }
}
