package org.reimagen.eval;

import java.awt.image.BufferedImage;
import java.util.function.DoubleUnaryOperator;
import org.reimagen.knowledge.draw.Pictures;

/** The two enlargements that every image program has, for comparison. */
public enum Enlargement {
    /** Cubic convolution with a = -0.75, as PyTorch has it. */
    BICUBIC,
    /** Lanczos with three lobes. */
    LANCZOS;

    private static final double A = -0.75;

    /** The picture {@code factor} times as large. */
    public BufferedImage apply(BufferedImage rgb, int factor) {
        int w = rgb.getWidth();
        int h = rgb.getHeight();
        float[] wide = rows(Pictures.toChw(rgb), 3 * h, w, factor);
        float[] turned = turn(wide, h, w * factor);
        float[] large = turn(rows(turned, 3 * w * factor, h, factor), w * factor, h * factor);
        return Pictures.fromChw(large, w * factor, h * factor);
    }

    private int reach() {
        return this == BICUBIC ? 2 : 3;
    }

    private DoubleUnaryOperator kernel() {
        return this == BICUBIC ? Enlargement::cubic : Enlargement::lanczos;
    }

    private static double cubic(double x) {
        double d = Math.abs(x);
        if (d < 1) {
            return ((A + 2) * d - (A + 3)) * d * d + 1;
        }
        return d < 2 ? ((A * d - 5 * A) * d + 8 * A) * d - 4 * A : 0;
    }

    private static double lanczos(double x) {
        if (x == 0) {
            return 1;
        }
        double p = Math.PI * x;
        return Math.abs(x) < 3 ? 3 * Math.sin(p) * Math.sin(p / 3) / (p * p) : 0;
    }

    /** Every row of {@code [count, width]} enlarged to {@code width * factor}; pixels outside repeat the border. */
    private float[] rows(float[] values, int count, int width, int factor) {
        float[] large = new float[values.length * factor];
        DoubleUnaryOperator kernel = kernel();
        for (int x = 0; x < width * factor; x++) {
            double centre = (x + 0.5) / factor - 0.5;
            int first = (int) Math.floor(centre) - reach() + 1;
            double[] weights = new double[2 * reach()];
            double sum = 0;
            for (int i = 0; i < weights.length; i++) {
                weights[i] = kernel.applyAsDouble(centre - (first + i));
                sum += weights[i];
            }
            for (int row = 0; row < count; row++) {
                double value = 0;
                for (int i = 0; i < weights.length; i++) {
                    value += weights[i] / sum * values[row * width + Math.clamp(first + i, 0, width - 1)];
                }
                large[row * width * factor + x] = (float) value;
            }
        }
        return large;
    }

    /** {@code [3, height, width] -> [3, width, height]}. */
    private static float[] turn(float[] values, int height, int width) {
        float[] turned = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            int channel = i / (height * width);
            int y = i / width % height;
            int x = i % width;
            turned[(channel * width + x) * height + y] = values[i];
        }
        return turned;
    }
}
