package org.reimagen.eval.distance;

import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.nn.Layers;

/** Convolution without bias, batch normalisation by fixed statistics, ReLU. */
final class ConvNorm extends Module {
    private final Conv2dImpl conv;
    private final Norm bn;

    /** Square kernel, no padding. */
    ConvNorm(long in, long out, long kernel, long stride) {
        this(in, out, new long[] {kernel, kernel}, stride, new long[] {0, 0});
    }

    /** Any kernel, padded so that the size stays. */
    static ConvNorm same(long in, long out, long height, long width) {
        return new ConvNorm(in, out, new long[] {height, width}, 1, new long[] {height / 2, width / 2});
    }

    private ConvNorm(long in, long out, long[] kernel, long stride, long[] padding) {
        Conv2dOptions options = new Conv2dOptions(in, out, new LongPointer(kernel));
        options.stride().put(new long[] {stride, stride});
        options.padding().put(new LongPointer(padding));
        options.bias().put(false);
        conv = register_module("conv", new Conv2dImpl(options));
        bn = register_module("bn", new Norm(out));
    }

    /** {@code [B,in,H,W] -> [B,out,H',W']}. */
    Tensor forward(Tensor x) {
        return torch.relu(bn.forward(conv.forward(x)));
    }

    /** Batch normalisation whose statistics are loaded like weights, so that a file that lacks them is refused. */
    private static final class Norm extends Module {
        private static final double EPS = 0.001;

        private final Tensor weight;
        private final Tensor bias;
        private final Tensor mean;
        private final Tensor variance;

        Norm(long channels) {
            weight = Layers.parameter(this, "weight", channels);
            bias = Layers.parameter(this, "bias", channels);
            mean = Layers.parameter(this, "running_mean", channels);
            variance = Layers.parameter(this, "running_var", channels);
        }

        Tensor forward(Tensor x) {
            return torch.batch_norm(
                    x,
                    new TensorOptional(weight),
                    new TensorOptional(bias),
                    new TensorOptional(mean),
                    new TensorOptional(variance),
                    false,
                    0,
                    EPS,
                    false);
        }
    }
}
