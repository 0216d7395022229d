package org.reimagen.eval;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.reimagen.knowledge.draw.Descriptor;

/** Distances between two pictures of one size, and how sharp a picture is. Grey values are in [0,255]. */
public final class ImageQuality {
    private static final double GMS_CONSTANT = 170;
    private static final double STRONGEST = 0.03;

    private ImageQuality() {}

    /** Peak signal-to-noise ratio of RGB in decibels; 100 for equal pictures. */
    public static double psnr(BufferedImage a, BufferedImage b) {
        int[] p = pixels(a);
        int[] q = pixels(b);
        if (p.length != q.length) {
            throw new IllegalArgumentException("pictures differ in size");
        }
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            for (int shift = 16; shift >= 0; shift -= 8) {
                double d = ((p[i] >> shift) & 255) - ((q[i] >> shift) & 255);
                sum += d * d;
            }
        }
        double mean = sum / (3.0 * p.length);
        return mean == 0 ? 100 : Math.min(100, 10 * Math.log10(255 * 255 / mean));
    }

    /**
     * Gradient magnitude similarity deviation: 0 for equal pictures, larger where edges differ.
     *
     * <p>Prewitt gradients of the grey pictures halved by 2×2 means. <b>Source</b>: Xue et al., arXiv 1308.3052.
     */
    public static double gmsd(BufferedImage a, BufferedImage b) {
        double[][] g = gradients(halved(grey(a)));
        double[][] h = gradients(halved(grey(b)));
        double sum = 0;
        double squares = 0;
        int n = 0;
        for (int y = 0; y < g.length; y++) {
            for (int x = 0; x < g[y].length; x++) {
                double product = 2 * g[y][x] * h[y][x] + GMS_CONSTANT;
                double similarity = product / (g[y][x] * g[y][x] + h[y][x] * h[y][x] + GMS_CONSTANT);
                sum += similarity;
                squares += similarity * similarity;
                n++;
            }
        }
        return Math.sqrt(Math.max(0, squares / n - sum / n * (sum / n)));
    }

    /** Mean gradient magnitude of the strongest 3 % of the pixels: how sharp the edges are. */
    public static double sharpness(BufferedImage picture) {
        double[] all = Arrays.stream(gradients(grey(picture)))
                .flatMapToDouble(Arrays::stream)
                .sorted()
                .toArray();
        int from = (int) (all.length * (1 - STRONGEST));
        return Arrays.stream(all, from, all.length).average().orElse(0);
    }

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    private static double[][] grey(BufferedImage image) {
        int[] rgb = pixels(image);
        double[][] grey = new double[image.getHeight()][image.getWidth()];
        for (int i = 0; i < rgb.length; i++) {
            grey[i / image.getWidth()][i % image.getWidth()] = 255.0 * Descriptor.grey(rgb[i]);
        }
        return grey;
    }

    private static double[][] halved(double[][] grey) {
        double[][] half = new double[grey.length / 2][grey[0].length / 2];
        for (int y = 0; y < half.length; y++) {
            for (int x = 0; x < half[y].length; x++) {
                half[y][x] = (grey[2 * y][2 * x]
                                + grey[2 * y][2 * x + 1]
                                + grey[2 * y + 1][2 * x]
                                + grey[2 * y + 1][2 * x + 1])
                        / 4;
            }
        }
        return half;
    }

    /** Magnitudes of the Prewitt gradients of the inner pixels. */
    private static double[][] gradients(double[][] g) {
        double[][] magnitudes = new double[g.length - 2][g[0].length - 2];
        for (int y = 1; y < g.length - 1; y++) {
            for (int x = 1; x < g[y].length - 1; x++) {
                double dx = 0;
                double dy = 0;
                for (int i = -1; i <= 1; i++) {
                    dx += g[y + i][x + 1] - g[y + i][x - 1];
                    dy += g[y + 1][x + i] - g[y - 1][x + i];
                }
                magnitudes[y - 1][x - 1] = Math.hypot(dx, dy) / 3;
            }
        }
        return magnitudes;
    }
}
