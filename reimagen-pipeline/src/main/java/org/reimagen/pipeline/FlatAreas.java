package org.reimagen.pipeline;

import java.awt.image.BufferedImage;
import java.util.Arrays;

/**
 * Areas of exactly one colour, which an enlargement adds nothing to.
 *
 * <p>A later stage leaves a faint mottle everywhere. Where a pixel of the small picture and the eight around it are the very same there is nothing
 * to draw: an edge in that place would show in their means. <b>Thread-safety</b>: stateless.
 */
final class FlatAreas {
    private FlatAreas() {}

    /**
     * Gives every place of {@code large} whose pixel in {@code low} lies in such an area that area's colour.
     *
     * @param low RGB, square
     * @param large the same picture, a whole number of times the side; changed in place
     */
    static void keep(BufferedImage low, BufferedImage large) {
        int side = low.getWidth();
        int factor = large.getWidth() / side;
        int[] pixels = low.getRGB(0, 0, side, side, null, 0, side);
        int[] block = new int[factor * factor];
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                if (isFlat(pixels, side, x, y)) {
                    Arrays.fill(block, pixels[y * side + x]);
                    large.setRGB(x * factor, y * factor, factor, factor, block, 0, factor);
                }
            }
        }
    }

    /** Whether the pixel and those around it, as far as there are any, are the same. */
    private static boolean isFlat(int[] pixels, int side, int x, int y) {
        int color = pixels[y * side + x];
        for (int v = Math.max(0, y - 1); v <= Math.min(side - 1, y + 1); v++) {
            for (int u = Math.max(0, x - 1); u <= Math.min(side - 1, x + 1); u++) {
                if (pixels[v * side + u] != color) {
                    return false;
                }
            }
        }
        return true;
    }
}
