package org.reimagen.core.tensor;

import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Mixed precision on this thread while open: convolutions and linear layers in bfloat16, the rest in float32.
 *
 * <p>Closing restores what was set before and drops the cast copies of the weights, as must happen after every optimiser
 * step. <b>Thread-safety</b>: confined to the thread that opened it.
 */
public final class Autocast implements AutoCloseable {
    private final boolean previous = torch.is_autocast_enabled(DeviceType.CPU);

    private Autocast(boolean enabled) {
        torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
        torch.set_autocast_enabled(DeviceType.CPU, enabled);
    }

    /** Mixed precision with bfloat16. */
    public static Autocast bfloat16() {
        return new Autocast(true);
    }

    /** Mixed precision where {@link Precision} says that it is fast, float32 elsewhere. */
    public static Autocast fastest() {
        return new Autocast(Precision.bfloat16IsFast());
    }

    /** Everything in the tensors' own precision. */
    public static Autocast off() {
        return new Autocast(false);
    }

    @Override
    public void close() {
        torch.set_autocast_enabled(DeviceType.CPU, previous);
        torch.clear_cache();
    }
}
