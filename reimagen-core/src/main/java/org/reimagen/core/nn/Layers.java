package org.reimagen.core.nn;

import static org.reimagen.core.tensor.Ops.square;

import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** LibTorch layers as this network uses them: square kernels, same padding, and layers that start at zero. */
public final class Layers {
    private Layers() {}

    public static Conv2dImpl conv(long in, long out, long kernel, long stride) {
        Conv2dOptions options = new Conv2dOptions(in, out, square(kernel));
        options.stride().put(stride, stride);
        options.padding().put(square(kernel / 2));
        return new Conv2dImpl(options);
    }

    /** Zeroes a layer's parameters, so that its block starts as the identity. */
    public static Conv2dImpl zeroed(Conv2dImpl layer) {
        zero(layer.weight());
        zero(layer.bias());
        return layer;
    }

    public static LinearImpl zeroed(LinearImpl layer) {
        zero(layer.weight());
        zero(layer.bias());
        return layer;
    }

    private static void zero(Tensor parameter) {
        try (var _ = new NoGradGuard()) {
            parameter.zero_();
        }
    }
}
