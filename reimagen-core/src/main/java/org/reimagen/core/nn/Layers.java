package org.reimagen.core.nn;

import static org.reimagen.core.tensor.Ops.square;

import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.GroupNormImpl;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.tensor.Ops;

/** LibTorch layers as this network uses them: square kernels, same padding, and layers that start at zero. */
public final class Layers {
    private Layers() {}

    public static Conv2dImpl conv(long in, long out, long kernel, long stride) {
        Conv2dOptions options = new Conv2dOptions(in, out, square(kernel));
        options.stride().put(new long[] {stride, stride});
        options.padding().put(square(kernel / 2));
        return new Conv2dImpl(options);
    }

    /** A convolution that adds nothing at first, and never where its input is 0. */
    public static Conv2dImpl zeroedWithoutBias(long in, long out, long kernel) {
        Conv2dOptions options = new Conv2dOptions(in, out, square(kernel));
        options.padding().put(square(kernel / 2));
        options.bias().put(false);
        Conv2dImpl conv = new Conv2dImpl(options);
        zero(conv.weight());
        return conv;
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

    /**
     * Group normalisation: {@code [B,C,H,W] -> [B,C,H,W]}.
     *
     * <p>LibTorch walks a channels-last picture of fewer than 1024 places group by group and place by place. Where a group has fewer
     * channels than a vector register holds numbers, that takes two to eight times as long as turning the picture round and back.
     */
    public static Tensor groupNorm(GroupNormImpl norm, Tensor x) {
        long channels = x.size(1) / norm.options().num_groups().get();
        boolean slow = channels < 16 && x.size(2) * x.size(3) < 1024;
        return slow ? Ops.channelsLast(norm.forward(x.contiguous())) : norm.forward(x);
    }

    /** Layer normalisation over {@code channels}, to be applied by {@link #byPixel}. */
    public static LayerNormImpl pixelNorm(long channels) {
        return new LayerNormImpl(new LongVector(new long[] {channels}));
    }

    /** Normalises every pixel's channels by themselves: {@code [B,C,H,W] -> [B,C,H,W]}; channels-last costs no copy. */
    public static Tensor byPixel(LayerNormImpl norm, Tensor x) {
        return norm.forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);
    }

    private static void zero(Tensor parameter) {
        try (var _ = new NoGradGuard()) {
            parameter.zero_();
        }
    }

    /**
     * Registers a parameter that starts at zero.
     *
     * @return our own handle: the one that registration returns points into a list that later registrations move
     */
    public static Tensor parameter(Module owner, String name, long... shape) {
        Tensor parameter = torch.zeros(shape);
        parameter.set_requires_grad(true);
        owner.register_parameter(name, parameter);
        return parameter;
    }
}
