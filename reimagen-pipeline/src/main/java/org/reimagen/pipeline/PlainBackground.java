package org.reimagen.pipeline;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.stream.IntStream;

/**
 * Makes the background of a picture one colour where it was meant to be.
 *
 * <p>A diffusion model leaves faint blotches and halos on a plain background. Where a picture's border is nearly of one colour, all that
 * hangs together with the border and is nearly of that colour is made one with it; what it does not reach, such as the white of an
 * eye, stays as it is. <b>Thread-safety</b>: immutable.
 *
 * @param asked the colour that the prompt asks for, given where the border's is as near to it
 * @param tolerance how far a pixel may differ from the border's median, by the largest of its three differences, as a share of the range of a
 *     colour, 0 to 0.5; 0 leaves pictures as they are
 */
record PlainBackground(Color asked, double tolerance) {
    /** Share of the border that must be within the tolerance: what is drawn may touch two of the four sides. */
    private static final double PLAIN = 0.5;

    /** Checks the tolerance. */
    PlainBackground {
        if (!(tolerance >= 0 && tolerance <= 0.5)) {
            throw new IllegalArgumentException("the tolerance must be 0 to 0.5, was " + tolerance);
        }
    }

    /**
     * Evens the background of {@code picture} in place, if it is plain.
     *
     * @param picture RGB without alpha
     * @return the same
     */
    BufferedImage even(BufferedImage picture) {
        int width = picture.getWidth();
        int height = picture.getHeight();
        int[] pixels = picture.getRGB(0, 0, width, height, null, 0, width);
        int[] border = IntStream.range(0, pixels.length)
                .filter(i -> onBorder(i, width, height))
                .toArray();
        int color = median(pixels, border);
        int[] alike = Arrays.stream(border).filter(i -> near(pixels[i], color)).toArray();
        if (tolerance > 0 && alike.length >= PLAIN * border.length) {
            int even = near(asked.getRGB(), color) ? asked.getRGB() : color;
            reached(pixels, alike, color, width).stream().forEach(i -> pixels[i] = even);
            picture.setRGB(0, 0, width, height, pixels, 0, width);
        }
        return picture;
    }

    private static boolean onBorder(int pixel, int width, int height) {
        int x = pixel % width;
        int y = pixel / width;
        return x == 0 || y == 0 || x == width - 1 || y == height - 1;
    }

    /** The median of each of the three colours. */
    private static int median(int[] pixels, int[] of) {
        int color = 0xFF000000;
        for (int shift : new int[] {16, 8, 0}) {
            int[] values = Arrays.stream(of)
                    .map(i -> pixels[i] >> shift & 0xFF)
                    .sorted()
                    .toArray();
            color |= values[values.length / 2] << shift;
        }
        return color;
    }

    private boolean near(int pixel, int color) {
        return IntStream.of(16, 8, 0)
                .allMatch(shift -> Math.abs((pixel >> shift & 0xFF) - (color >> shift & 0xFF)) <= tolerance * 255);
    }

    /** The pixels near to {@code color} that hang together with {@code seeds}, side by side or one above the other. */
    private BitSet reached(int[] pixels, int[] seeds, int color, int width) {
        BitSet reached = new BitSet(pixels.length);
        Deque<Integer> open = new ArrayDeque<>();
        for (int seed : seeds) {
            reached.set(seed);
            open.add(seed);
        }
        while (!open.isEmpty()) {
            int pixel = open.remove();
            int x = pixel % width;
            int[] beside = {pixel - width, pixel + width, x == 0 ? -1 : pixel - 1, x == width - 1 ? -1 : pixel + 1};
            for (int next : beside) {
                boolean inside = next >= 0 && next < pixels.length;
                if (inside && !reached.get(next) && near(pixels[next], color)) {
                    reached.set(next);
                    open.add(next);
                }
            }
        }
        return reached;
    }
}
