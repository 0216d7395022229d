package org.reimagen.core.model;

import static org.bytedeco.pytorch.global.torch.silu;
import static org.reimagen.core.tensor.Ops.cat;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.reimagen.core.nn.Layers;
import org.reimagen.core.nn.PixelResBlock;
import org.reimagen.core.nn.Positions;
import org.reimagen.core.tensor.Ops;

/**
 * Predicts x_0 of a large picture x_t that it sees beside the enlarged small one.
 *
 * <p>Residual blocks only and no statistics over pixels: trained on crops, it draws whole pictures alike. What is diffused is
 * y = x_0 − low, what the enlarged picture lacks, which is small: with y_t = x_t − α·low and s its deviation, x_0 = low +
 * c_skip·y_t + c_out·F(c_in·y_t, low, t, level). <b>Source</b>: Efficient U-Net and noise conditioning augmentation, Imagen,
 * arXiv 2205.11487, section 2.4 and appendix B; c_in, c_skip and c_out, EDM, arXiv 2206.00364, table 1. <b>Owns</b>: its
 * parameters; build it outside every scope.
 */
public final class SuperResolutionUNet extends Module {
    private final SuperResolutionConfig config;
    private final LinearImpl timeIn;
    private final LinearImpl timeOut;
    private final Conv2dImpl stem;
    private final List<List<PixelResBlock>> encode = new ArrayList<>();
    private final List<List<PixelResBlock>> decode = new ArrayList<>();
    private final List<Conv2dImpl> down = new ArrayList<>();
    private final List<Conv2dImpl> up = new ArrayList<>();
    private final LayerNormImpl normOut;
    private final Conv2dImpl convOut;

    /** Builds the network; every residual path and the output start at zero. */
    public SuperResolutionUNet(SuperResolutionConfig config) {
        this.config = config;
        int e = config.embedDim();
        long pixels = (long) config.patch() * config.patch();
        List<Integer> c = config.channels();
        timeIn = register_module("time_in", new LinearImpl(2L * e, e));
        timeOut = register_module("time_out", new LinearImpl(e, e));
        stem = register_module("stem", Layers.conv(6 * pixels, c.getFirst(), 3, 1));
        for (int i = 0; i < c.size(); i++) {
            if (i > 0) {
                down.add(register_module("down_" + i, Layers.conv(c.get(i - 1), c.get(i), 3, 2)));
            }
            encode.add(blocks("encode_" + i, config.downBlocks().get(i), c.get(i), c.get(i)));
        }
        for (int i = 0; i < c.size(); i++) {
            decode.add(blocks("decode_" + i, config.upBlocks().get(i), 2 * c.get(i), c.get(i)));
            if (i > 0) {
                up.add(register_module("up_" + i, Layers.conv(c.get(i), c.get(i - 1), 3, 1)));
            }
        }
        normOut = register_module("norm_out", Layers.pixelNorm(c.getFirst()));
        convOut = register_module("conv_out", Layers.zeroed(Layers.conv(c.getFirst(), 3 * pixels, 3, 1)));
    }

    private List<PixelResBlock> blocks(String name, int count, int firstIn, int out) {
        List<PixelResBlock> blocks = new ArrayList<>();
        for (int j = 0; j < count; j++) {
            blocks.add(
                    register_module(name + "_" + j, new PixelResBlock(j == 0 ? firstIn : out, out, config.embedDim())));
        }
        return blocks;
    }

    /** The network's shape. */
    public SuperResolutionConfig config() {
        return config;
    }

    /**
     * The network's prediction of x_0.
     *
     * <p><b>Shape</b> {@code xt [B,3,H,W] float32, t [B] in [0,1], low [B,3,H,W] in [-1,1], level [B] in [0,1] ->
     * [B,3,H,W] float32}.
     *
     * @param low the small picture, noised to {@code level} of the cosine schedule, then enlarged ({@link #enlarge})
     */
    public Tensor forward(Tensor xt, Tensor t, Tensor low, Tensor level) {
        Ops.checkShape("t", t, xt.size(0));
        Ops.checkShape("level", level, xt.size(0));
        Ops.checkShape("low", low, xt.shape());
        if (xt.size(2) % config.sizeMultiple() != 0 || xt.size(3) % config.sizeMultiple() != 0) {
            throw new IllegalArgumentException("picture sides must be multiples of " + config.sizeMultiple());
        }
        Tensor embedding = cat(1, Positions.time(t, config.embedDim()), Positions.time(level, config.embedDim()));
        embedding = timeOut.forward(silu(timeIn.forward(embedding)));
        Preconditioning c = preconditioning(t, level);
        Tensor residual = xt.sub(c.alpha.mul(low)); // y_t
        Tensor h = stem.forward(torch.pixel_unshuffle(cat(1, residual.mul(c.in), low), config.patch()));
        List<Tensor> skips = new ArrayList<>();
        for (int i = 0; i < encode.size(); i++) {
            h = i == 0 ? h : down.get(i - 1).forward(h);
            for (PixelResBlock block : encode.get(i)) {
                h = block.forward(h, embedding);
            }
            skips.add(h);
        }
        h = decode(h, skips, embedding);
        h = torch.pixel_shuffle(convOut.forward(silu(Layers.byPixel(normOut, h))), config.patch());
        return low.add(c.skip.mul(residual)).add(c.out.mul(h.to(ScalarType.Float)));
    }

    /** Each {@code [B,1,1,1]}. */
    private record Preconditioning(Tensor alpha, Tensor in, Tensor skip, Tensor out) {}

    /** The noise of the level, halved in variance by enlarging, adds to the variance of y. */
    private Preconditioning preconditioning(Tensor t, Tensor level) {
        Tensor angle = Ops.scale(t, Math.PI / 2).reshape(-1, 1, 1, 1);
        Tensor alpha = angle.cos();
        Tensor sigma = angle.sin();
        Tensor noise = Ops.scale(level, Math.PI / 2).sin().square().reshape(-1, 1, 1, 1);
        double s = config.residualDeviation();
        Tensor s2 = Ops.scale(noise, 0.5).add(Ops.scalar(s * s));
        Tensor variance = alpha.square().mul(s2).add(sigma.square());
        return new Preconditioning(
                alpha,
                variance.rsqrt(),
                alpha.mul(s2).div(variance),
                sigma.mul(s2.div(variance).sqrt()));
    }

    /** c_out {@code [B,1,1,1]}: the error of x_0 that one unit of the network's own error makes; the loss divides by it. */
    public Tensor outputScale(Tensor t, Tensor level) {
        return preconditioning(t, level).out;
    }

    private Tensor decode(Tensor middle, List<Tensor> skips, Tensor embedding) {
        Tensor h = middle;
        for (int i = decode.size() - 1; i >= 0; i--) {
            for (int j = 0; j < decode.get(i).size(); j++) {
                h = decode.get(i).get(j).forward(j == 0 ? cat(1, h, skips.get(i)) : h, embedding);
            }
            if (i > 0) {
                h = up.get(i - 1).forward(torch.upsample_nearest2d(h, 2 * h.size(2), 2 * h.size(3)));
            }
        }
        return h;
    }

    /** Bicubic enlargement {@code [B,3,h,w] -> [B,3,side,side]}, clipped to [-1,1]. */
    public static Tensor enlarge(Tensor low, long side) {
        Tensor large = torch.upsample_bicubic2d(low, new long[] {side, side}, false);
        return large.clamp(
                new org.bytedeco.pytorch.ScalarOptional(Ops.scalar(-1)),
                new org.bytedeco.pytorch.ScalarOptional(Ops.scalar(1)));
    }
}
