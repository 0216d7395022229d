package org.reimagen.eval.distance;

import java.awt.image.BufferedImage;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.draw.PillowBicubic;

/** How a picture becomes the network's input, by clean-fid's names. <b>Source</b>: Parmar et al., arXiv 2104.11222. */
public enum FidMode {
    /** Pillow's antialiased bicubic on floats, clipped, (x − 128) / 128. */
    CLEAN {
        @Override
        Tensor input(float[] chw, int width, int height) {
            PillowBicubic bicubic = new PillowBicubic(width, height, SIDE);
            float[] resized = new float[3 * SIDE * SIDE];
            int n = width * height;
            for (int c = 0; c < 3; c++) {
                float[] channel = bicubic.resize(java.util.Arrays.copyOfRange(chw, c * n, (c + 1) * n));
                for (int i = 0; i < channel.length; i++) {
                    resized[c * channel.length + i] = (Math.clamp(channel[i], 0f, 255f) - 128) / 128;
                }
            }
            return Ops.floats(resized, 1, 3, SIDE, SIDE);
        }

        @Override
        public String filter() {
            return "antialiased bicubic";
        }
    },
    /** PyTorch's bilinear without antialiasing, 2 x / 255 − 1. */
    LEGACY_PYTORCH {
        @Override
        Tensor input(float[] chw, int width, int height) {
            Tensor resized = bilinear(Ops.floats(chw, 1, 3, height, width), SIDE);
            return Ops.scale(Ops.scale(resized, 1 / 255.0), 2).sub(Ops.scalar(1));
        }

        @Override
        public String filter() {
            return "bilinear, not antialiased";
        }
    };

    /** Side of the network's input in pixels. */
    public static final int SIDE = 299;

    /** Input {@code [1,3,299,299]} from {@code [3*height*width]} values of 0 to 255; belongs to the innermost open scope. */
    abstract Tensor input(float[] chw, int width, int height);

    /** The resize filter, to be printed. */
    public abstract String filter();

    /** As clean-fid calls it. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    static Tensor bilinear(Tensor x, long size) {
        return torch.upsample_bilinear2d(x, new long[] {size, size}, false, new DoubleOptional(), new DoubleOptional());
    }

    /** Values of 0 to 255, channel by channel: {@code [3*height*width]}. */
    static float[] chw(BufferedImage rgb) {
        int n = rgb.getWidth() * rgb.getHeight();
        int[] pixels = rgb.getRGB(0, 0, rgb.getWidth(), rgb.getHeight(), null, 0, rgb.getWidth());
        float[] values = new float[3 * n];
        for (int i = 0; i < n; i++) {
            values[i] = pixels[i] >> 16 & 255;
            values[n + i] = pixels[i] >> 8 & 255;
            values[2 * n + i] = pixels[i] & 255;
        }
        return values;
    }
}
