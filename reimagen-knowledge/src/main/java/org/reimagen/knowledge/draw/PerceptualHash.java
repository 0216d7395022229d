package org.reimagen.knowledge.draw;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Arrays;

/**
 * 64 bits that near-duplicate pictures share: signs of the lowest 8×8 cosine frequencies of the 32×32 grey picture on
 * white, against their median. <b>Source</b>: the "pHash" of C. Zauner, 2010.
 */
public final class PerceptualHash {
    /** Pictures whose hashes differ in no more bits are taken for near-duplicates. */
    public static final int NEAR = 6;

    private static final int SIDE = 32;
    private static final int LOW = 8;
    private static final double[][] COSINES = cosines();

    private PerceptualHash() {}

    private static double[][] cosines() {
        double[][] table = new double[LOW][SIDE];
        for (int u = 0; u < LOW; u++) {
            for (int x = 0; x < SIDE; x++) {
                table[u][x] = Math.cos((2 * x + 1) * u * Math.PI / (2 * SIDE));
            }
        }
        return table;
    }

    /** Hash of a picture with transparency. */
    public static long of(BufferedImage argb) {
        BufferedImage small = Pictures.on(Color.WHITE, Pictures.fit(argb, SIDE));
        double[] low = lowFrequencies(grey(small));
        double[] sorted = low.clone();
        sorted[0] = 0;
        Arrays.sort(sorted);
        double median = (sorted[LOW * LOW / 2 - 1] + sorted[LOW * LOW / 2]) / 2;
        long hash = 0;
        for (int i = 1; i < low.length; i++) {
            hash |= low[i] > median ? 1L << i : 0;
        }
        return hash;
    }

    private static double[][] grey(BufferedImage rgb) {
        double[][] grey = new double[SIDE][SIDE];
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                int p = rgb.getRGB(x, y);
                grey[y][x] = 0.299 * (p >> 16 & 255) + 0.587 * (p >> 8 & 255) + 0.114 * (p & 255);
            }
        }
        return grey;
    }

    private static double[] lowFrequencies(double[][] grey) {
        double[] low = new double[LOW * LOW];
        for (int v = 0; v < LOW; v++) {
            for (int u = 0; u < LOW; u++) {
                for (int y = 0; y < SIDE; y++) {
                    double row = 0;
                    for (int x = 0; x < SIDE; x++) {
                        row += grey[y][x] * COSINES[u][x];
                    }
                    low[v * LOW + u] += row * COSINES[v][y];
                }
            }
        }
        return low;
    }

    /** Number of bits in which two hashes differ, 0 to 64. */
    public static int distance(long a, long b) {
        return Long.bitCount(a ^ b);
    }
}
