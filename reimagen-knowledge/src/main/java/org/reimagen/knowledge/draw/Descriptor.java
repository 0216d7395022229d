package org.reimagen.knowledge.draw;

import java.awt.image.BufferedImage;

/**
 * What a 64×64 picture looks like, as a vector: outlines and coarse colours.
 *
 * <p>Outlines: histograms of oriented gradients of the grey picture in 8×8 cells, 8 unsigned orientations with linear
 * sharing between neighbouring ones, square root, scaled to length 1. Colours: mean RGB of the 8×8 cells about mid-grey,
 * scaled to length {@value #COLOR_WEIGHT}. Two vectors are compared by Euclidean distance. <b>Source</b>: Dalal and Triggs,
 * Histograms of Oriented Gradients for Human Detection, 2005.
 */
public final class Descriptor {
    /** Side of the pictures that are described, in pixels. */
    public static final int SIDE = 64;

    /** Weight of the colours beside the outlines. */
    public static final double COLOR_WEIGHT = 0.5;

    private static final int CELLS = 8;
    private static final int CELL = SIDE / CELLS;
    private static final int BINS = 8;
    private static final int OUTLINES = CELLS * CELLS * BINS;

    /** Components of a vector. */
    public static final int DIM = OUTLINES + CELLS * CELLS * 3;

    private Descriptor() {}

    /** The vector of an RGB picture of {@link #SIDE} pixels a side. */
    public static float[] of(BufferedImage rgb) {
        if (rgb.getWidth() != SIDE || rgb.getHeight() != SIDE) {
            throw new IllegalArgumentException(
                    "picture must be 64 x 64, was %d x %d".formatted(rgb.getWidth(), rgb.getHeight()));
        }
        return of(rgb.getRGB(0, 0, SIDE, SIDE, null, 0, SIDE));
    }

    /** The vector of {@link #SIDE}² RGB pixels, row by row. */
    static float[] of(int[] rgb) {
        float[] vector = new float[DIM];
        outlines(rgb, vector);
        scale(vector, 0, OUTLINES, 1);
        colors(rgb, vector);
        scale(vector, OUTLINES, vector.length, COLOR_WEIGHT);
        return vector;
    }

    /** Square of the Euclidean distance. */
    public static double squaredDistance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double d = a[i] - b[i];
            sum += d * d;
        }
        return sum;
    }

    /** Luminance of an RGB pixel in [0,1]. */
    public static float grey(int rgb) {
        return (0.299f * (rgb >> 16 & 255) + 0.587f * (rgb >> 8 & 255) + 0.114f * (rgb & 255)) / 255;
    }

    private static void outlines(int[] rgb, float[] vector) {
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                float dx = grey(rgb[y * SIDE + Math.min(x + 1, SIDE - 1)]) - grey(rgb[y * SIDE + Math.max(x - 1, 0)]);
                float dy = grey(rgb[Math.min(y + 1, SIDE - 1) * SIDE + x]) - grey(rgb[Math.max(y - 1, 0) * SIDE + x]);
                double strength = Math.hypot(dx, dy);
                if (strength > 0) {
                    double turn = Math.atan2(dy, dx) / Math.PI;
                    vote(vector, (y / CELL * CELLS + x / CELL) * BINS, (turn - Math.floor(turn)) * BINS, strength);
                }
            }
        }
        for (int i = 0; i < OUTLINES; i++) {
            vector[i] = (float) Math.sqrt(vector[i]);
        }
    }

    private static void vote(float[] vector, int cell, double bin, double strength) {
        int low = (int) bin % BINS;
        float share = (float) (bin - Math.floor(bin));
        vector[cell + low] += (float) strength * (1 - share);
        vector[cell + (low + 1) % BINS] += (float) strength * share;
    }

    private static void colors(int[] rgb, float[] vector) {
        for (int i = 0; i < rgb.length; i++) {
            int cell = OUTLINES + 3 * (i / SIDE / CELL * CELLS + i % SIDE / CELL);
            for (int c = 0; c < 3; c++) {
                vector[cell + c] += (((rgb[i] >> (16 - 8 * c)) & 255) / 255f - 0.5f) / (CELL * CELL);
            }
        }
    }

    private static void scale(float[] vector, int from, int to, double length) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += (double) vector[i] * vector[i];
        }
        float factor = sum == 0 ? 0 : (float) (length / Math.sqrt(sum));
        for (int i = from; i < to; i++) {
            vector[i] *= factor;
        }
    }
}
