package org.reimagen.core.nn;

import static org.bytedeco.pytorch.global.torch.silu;

import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;

/**
 * Residual block that nothing conditions: {@link PixelResBlock} without its embedding.
 *
 * <p><b>Shape</b> {@code [B,C,H,W] -> [B,C,H,W]}. Starts as the identity.
 */
public final class PictureBlock extends Module {
    private final LayerNormImpl norm1;
    private final Conv2dImpl conv1;
    private final LayerNormImpl norm2;
    private final Conv2dImpl conv2;

    /** Builds the block for {@code channels}. */
    public PictureBlock(long channels) {
        norm1 = register_module("norm1", Layers.pixelNorm(channels));
        conv1 = register_module("conv1", Layers.conv(channels, channels, 3, 1));
        norm2 = register_module("norm2", Layers.pixelNorm(channels));
        conv2 = register_module("conv2", Layers.zeroed(Layers.conv(channels, channels, 3, 1)));
    }

    /** The block's output for features {@code x}. */
    public Tensor forward(Tensor x) {
        Tensor h = conv1.forward(silu(Layers.byPixel(norm1, x)));
        return x.add(conv2.forward(silu(Layers.byPixel(norm2, h))));
    }
}
