package org.reimagen.core.nn;

import static org.bytedeco.pytorch.global.torch.silu;

import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.tensor.Scopes;

/**
 * Residual block that normalises every pixel by itself, so that a crop is treated as the whole picture is.
 *
 * <p><b>Shape</b> {@code x [B,in,H,W], embedding [B,E] -> [B,out,H,W]}. Starts as the identity (or its 1×1 projection).
 * <b>Source</b>: {@link ResBlock}, with the layer normalisation of ConvNeXt, arXiv 2201.03545, for GroupNorm.
 */
public final class PixelResBlock extends Module {
    private static final Scalar ONE = Scopes.keep(new Scalar(1.0));

    private final LayerNormImpl norm1;
    private final Conv2dImpl conv1;
    private final LinearImpl embedding;
    private final LayerNormImpl norm2;
    private final Conv2dImpl conv2;
    private final @Nullable Conv2dImpl skip;

    /** Builds the block for {@code in} and {@code out} channels. */
    public PixelResBlock(long in, long out, long embedDim) {
        norm1 = register_module("norm1", Layers.pixelNorm(in));
        conv1 = register_module("conv1", Layers.conv(in, out, 3, 1));
        embedding = register_module("embedding", new LinearImpl(embedDim, 2 * out));
        norm2 = register_module("norm2", Layers.pixelNorm(out));
        conv2 = register_module("conv2", Layers.zeroed(Layers.conv(out, out, 3, 1)));
        skip = in == out ? null : register_module("skip", Layers.conv(in, out, 1, 1));
    }

    /** The block's output for features {@code x} and the embedding of time and noise level. */
    public Tensor forward(Tensor x, Tensor timeAndLevel) {
        Tensor h = conv1.forward(silu(Layers.byPixel(norm1, x)));
        TensorVector parts =
                embedding.forward(silu(timeAndLevel)).unsqueeze(2).unsqueeze(3).chunk(2, 1); // 2 x [B,C,1,1]
        h = Layers.byPixel(norm2, h).mul(parts.get(0).add(ONE)).add(parts.get(1));
        return (skip == null ? x : skip.forward(x)).add(conv2.forward(silu(h)));
    }
}
