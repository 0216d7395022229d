package org.reimagen.core.model;

import static org.bytedeco.pytorch.global.torch.silu;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.reimagen.core.nn.Layers;
import org.reimagen.core.nn.PictureBlock;
import org.reimagen.core.tensor.Ops;

/**
 * A picture tower, and a projection over a frozen text encoder's pooled state: both end in one space of unit vectors.
 *
 * <p>The tower is convolutions and residual blocks, then the mean and the largest value of every channel over all pixels, so that it takes
 * pictures of any fitting size. <b>Source</b>: CLIP, arXiv 2103.00020, figure 3; its text tower here is frozen but for the last
 * projection. <b>Owns</b>: its parameters; build it outside every scope.
 */
public final class DualEncoder extends Module {
    private static final double FIRST_SCALE = Math.log(1 / 0.07);
    private static final double LARGEST_SCALE = Math.log(100);

    private final DualEncoderConfig config;
    private final Conv2dImpl stem;
    private final List<Conv2dImpl> down = new ArrayList<>();
    private final List<List<PictureBlock>> levels = new ArrayList<>();
    private final LayerNormImpl normOut;
    private final LinearImpl pictureOut;
    private final LayerNormImpl textNorm;
    private final LinearImpl textOut;
    private final Tensor logScale;

    /** Builds the network; every residual path starts at zero, the scale of the logits at 1/0.07. */
    public DualEncoder(DualEncoderConfig config) {
        this.config = config;
        List<Integer> c = config.channels();
        stem = register_module("stem", Layers.conv(3L * config.patch() * config.patch(), c.getFirst(), 3, 1));
        for (int i = 0; i < c.size(); i++) {
            if (i > 0) {
                down.add(register_module("down_" + i, Layers.conv(c.get(i - 1), c.get(i), 3, 2)));
            }
            List<PictureBlock> blocks = new ArrayList<>();
            for (int j = 0; j < config.blocks().get(i); j++) {
                blocks.add(register_module("block_%d_%d".formatted(i, j), new PictureBlock(c.get(i))));
            }
            levels.add(blocks);
        }
        normOut = register_module("norm_out", Layers.pixelNorm(c.getLast()));
        pictureOut = register_module("picture_out", new LinearImpl(2L * c.getLast(), config.dim()));
        textNorm = register_module("text_norm", Layers.pixelNorm(config.textDim()));
        textOut = register_module("text_out", new LinearImpl(config.textDim(), config.dim()));
        logScale = Layers.parameter(this, "log_scale", 1);
        try (var _ = new NoGradGuard();
                Scalar first = new Scalar(FIRST_SCALE)) {
            logScale.fill_(first);
        }
    }

    /** The network's shape. */
    public DualEncoderConfig config() {
        return config;
    }

    /**
     * Vectors of pictures.
     *
     * <p><b>Shape</b> {@code x [B,3,H,W] float32 in [-1,1] -> [B,D] float32 of length 1}.
     */
    public Tensor picture(Tensor x) {
        Ops.checkShape("x", x, -1, 3, -1, -1);
        if (x.size(2) % config.sizeMultiple() != 0 || x.size(3) % config.sizeMultiple() != 0) {
            throw new IllegalArgumentException("picture sides must be multiples of " + config.sizeMultiple());
        }
        Tensor h = stem.forward(Ops.channelsLast(torch.pixel_unshuffle(x, config.patch())));
        for (int i = 0; i < levels.size(); i++) {
            h = i == 0 ? h : down.get(i - 1).forward(h);
            for (PictureBlock block : levels.get(i)) {
                h = block.forward(h);
            }
        }
        h = silu(Layers.byPixel(normOut, h)).to(ScalarType.Float);
        return unit(pictureOut.forward(Ops.cat(1, h.mean(2, 3), h.amax(new long[] {2, 3}, false)))); // 2C -> D
    }

    /**
     * Vectors of texts.
     *
     * <p><b>Shape</b> {@code pooled [B,T] float32 -> [B,D] float32 of length 1}.
     */
    public Tensor text(Tensor pooled) {
        Ops.checkShape("pooled", pooled, -1, config.textDim());
        return unit(textOut.forward(textNorm.forward(pooled)));
    }

    private static Tensor unit(Tensor x) {
        Tensor wide = x.to(ScalarType.Float);
        return wide.div(wide.square()
                .sum(new long[] {1}, true, new org.bytedeco.pytorch.ScalarTypeOptional())
                .add(Ops.scalar(1e-12))
                .sqrt());
    }

    /**
     * Scaled cosines of every row with every column.
     *
     * <p><b>Shape</b> {@code a [N,D], b [M,D] -> [N,M]}; the learned factor is at most 100.
     */
    public Tensor logits(Tensor a, Tensor b) {
        Tensor scale = logScale.clamp(new ScalarOptional(), new ScalarOptional(Ops.scalar(LARGEST_SCALE)))
                .exp();
        return a.matmul(b.t()).mul(scale);
    }
}
