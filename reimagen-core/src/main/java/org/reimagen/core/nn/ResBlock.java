package org.reimagen.core.nn;

import static org.bytedeco.pytorch.global.torch.silu;

import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.GroupNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.tensor.Scopes;

/**
 * Residual block, its second norm scaled and shifted by the time-and-text embedding.
 *
 * <p><b>Shape</b> {@code x [B,in,H,W], embedding [B,E] -> [B,out,H,W]}. Starts as the identity (or its 1×1 projection).
 * <b>Source</b>: Imagen, arXiv 2205.11487, appendix B (Efficient U-Net).
 */
public final class ResBlock extends Module {
    private static final Scalar ONE = Scopes.keep(new Scalar(1.0));

    private final GroupNormImpl norm1;
    private final Conv2dImpl conv1;
    private final LinearImpl embedding;
    private final GroupNormImpl norm2;
    private final Conv2dImpl conv2;
    private final @Nullable Conv2dImpl skip;

    /** Builds the block for {@code in} and {@code out} channels, both divisible by {@code groups}. */
    public ResBlock(long in, long out, long embedDim, long groups) {
        norm1 = register_module("norm1", new GroupNormImpl(groups, in));
        conv1 = register_module("conv1", Layers.conv(in, out, 3, 1));
        embedding = register_module("embedding", new LinearImpl(embedDim, 2 * out));
        norm2 = register_module("norm2", new GroupNormImpl(groups, out));
        conv2 = register_module("conv2", Layers.zeroed(Layers.conv(out, out, 3, 1)));
        skip = in == out ? null : register_module("skip", Layers.conv(in, out, 1, 1));
    }

    /** The block's output for features {@code x} and the embedding of time and text. */
    public Tensor forward(Tensor x, Tensor timeAndText) {
        Tensor h = conv1.forward(silu(Layers.groupNorm(norm1, x)));
        h = modulate(Layers.groupNorm(norm2, h), embedding.forward(silu(timeAndText)));
        return (skip == null ? x : skip.forward(x)).add(conv2.forward(silu(h)));
    }

    private static Tensor modulate(Tensor h, Tensor scaleAndShift) {
        TensorVector parts = scaleAndShift.unsqueeze(2).unsqueeze(3).chunk(2, 1); // 2 x [B,C,1,1]
        return h.mul(parts.get(0).add(ONE)).add(parts.get(1));
    }
}
