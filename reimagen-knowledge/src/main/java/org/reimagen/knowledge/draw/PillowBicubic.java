package org.reimagen.knowledge.draw;

/**
 * Pillow's antialiased bicubic resizing, byte for byte and float for float.
 *
 * <p>The cubic (a = −0.5) is widened by the factor of shrinking, so that every source pixel counts. Rows first, then columns, as
 * every Pillow before 13 has it; 13.0.0 changes the order for some sizes, and with it bytes by a level or two.
 * <b>Source</b>: Pillow, {@code src/libImaging/Resample.c}. <b>Thread-safety</b>: immutable.
 */
public final class PillowBicubic {
    private static final double SUPPORT = 2;
    private static final double A = -0.5;
    private static final int PRECISION_BITS = 32 - 8 - 2;

    private final Axis horizontal;
    private final Axis vertical;

    /** From pictures of {@code width} x {@code height} to squares of {@code size} pixels. */
    public PillowBicubic(int width, int height, int size) {
        this(width, height, size, size);
    }

    /** From pictures of {@code width} x {@code height} to {@code toWidth} x {@code toHeight} pixels, all at least 1. */
    public PillowBicubic(int width, int height, int toWidth, int toHeight) {
        horizontal = new Axis(width, toWidth);
        vertical = new Axis(height, toHeight);
    }

    /** Which source pixels a target pixel is made of: the first, and the weights from there on. */
    private static final class Axis {
        private final int in;
        private final int out;
        private final int[] first;
        private final double[][] weights;

        Axis(int in, int out) {
            this.in = in;
            this.out = out;
            this.first = new int[out];
            this.weights = new double[out][];
            double scale = (double) in / out;
            double widening = Math.max(scale, 1);
            double support = SUPPORT * widening;
            for (int i = 0; i < out; i++) {
                double center = (i + 0.5) * scale;
                first[i] = Math.max(0, (int) (center - support + 0.5));
                int end = Math.min(in, (int) (center + support + 0.5));
                weights[i] = weights(first[i], end, center, 1 / widening);
            }
        }

        private static double[] weights(int first, int end, double center, double narrowing) {
            double[] weights = new double[end - first];
            double sum = 0;
            for (int x = 0; x < weights.length; x++) {
                weights[x] = cubic((x + first - center + 0.5) * narrowing);
                sum += weights[x];
            }
            for (int x = 0; x < weights.length && sum != 0; x++) {
                weights[x] /= sum;
            }
            return weights;
        }

        private boolean changes() {
            return in != out;
        }

        /** The weights as Pillow rounds them for bytes. */
        private int[] fixed(int i) {
            int[] fixed = new int[weights[i].length];
            for (int x = 0; x < fixed.length; x++) {
                double w = weights[i][x] * (1 << PRECISION_BITS);
                fixed[x] = (int) (w < 0 ? w - 0.5 : w + 0.5);
            }
            return fixed;
        }
    }

    private static double cubic(double at) {
        double x = Math.abs(at);
        if (x < 1) {
            return ((A + 2) * x - (A + 3)) * x * x + 1;
        }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }

    /** One channel of floats, row by row, as Pillow's mode F. */
    public float[] resize(float[] channel) {
        float[] rows = horizontal.changes() ? pass(channel, horizontal, vertical.in, 1, horizontal.in) : channel;
        return vertical.changes() ? pass(rows, vertical, horizontal.out, horizontal.out, 1) : rows;
    }

    /** Resizes lines whose pixels lie {@code step} apart and which begin {@code stride} apart. */
    private float[] pass(float[] from, Axis axis, int lines, int step, int stride) {
        boolean rows = step == 1;
        float[] to = new float[lines * axis.out];
        for (int line = 0; line < lines; line++) {
            for (int i = 0; i < axis.out; i++) {
                double sum = 0;
                for (int x = 0; x < axis.weights[i].length; x++) {
                    sum += from[line * stride + (axis.first[i] + x) * step] * axis.weights[i][x];
                }
                to[rows ? line * axis.out + i : i * lines + line] = (float) sum;
            }
        }
        return to;
    }

    /** One channel of bytes, 0 to 255 each, row by row, as Pillow's mode L and each channel of RGB. */
    public int[] resize(int[] channel) {
        int[] rows = horizontal.changes() ? pass(channel, horizontal, vertical.in, 1, horizontal.in) : channel;
        return vertical.changes() ? pass(rows, vertical, horizontal.out, horizontal.out, 1) : rows;
    }

    private static int[] pass(int[] from, Axis axis, int lines, int step, int stride) {
        boolean rows = step == 1;
        int[] to = new int[lines * axis.out];
        for (int i = 0; i < axis.out; i++) {
            int[] weights = axis.fixed(i);
            for (int line = 0; line < lines; line++) {
                int sum = 1 << (PRECISION_BITS - 1);
                for (int x = 0; x < weights.length; x++) {
                    sum += from[line * stride + (axis.first[i] + x) * step] * weights[x];
                }
                to[rows ? line * axis.out + i : i * lines + line] = Math.clamp(sum >> PRECISION_BITS, 0, 255);
            }
        }
        return to;
    }
}
