package org.reimagen.train.data;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.reimagen.pipeline.Background;

/**
 * Where a picture is looked at, and on which background.
 *
 * @param flip whether left and right are exchanged
 * @param zoom above 1: larger
 * @param right of the picture's middle, in pixels of what is painted
 * @param down as {@code right}
 */
record View(boolean flip, double zoom, double right, double down, Background background) {
    private static final double LARGEST_MOVE = 0.1; // of the side
    private static final double LARGEST_ZOOM = 0.25;
    private static final double NEAREST = 1.4;
    private static final int[] AS_IT_IS = {0, 1, 2};

    /** The whole picture on white. */
    static final View PLAIN = new View(false, 1, 0, 0, Background.WHITE);

    /** Flipped, moved and zoomed by chance; what lies outside the picture is background. */
    static View random(RandomGenerator random, int side) {
        Background background = random.nextBoolean()
                ? Background.WHITE
                : Background.COLOURS.get(random.nextInt(Background.COLOURS.size()));
        return new View(
                random.nextBoolean(),
                1 + LARGEST_ZOOM * (2 * random.nextDouble() - 1),
                LARGEST_MOVE * side * (2 * random.nextDouble() - 1),
                LARGEST_MOVE * side * (2 * random.nextDouble() - 1),
                background);
    }

    /** Flipped by chance, and nearer; nothing outside the picture is seen. */
    static View within(RandomGenerator random, int side, Background background) {
        double zoom = 1 + (NEAREST - 1) * random.nextDouble();
        double room = (1 - 1 / zoom) * side / 2;
        return new View(
                random.nextBoolean(),
                zoom,
                room * (2 * random.nextDouble() - 1),
                room * (2 * random.nextDouble() - 1),
                background);
    }

    /** Paints a picture of {@code 4 × size × size} bytes into {@code [3,side,side]} in [-1,1] that begin at {@code at}. */
    void paint(byte[] rgba, int size, int side, float[] pixels, int at) {
        paint(rgba, size, side, AS_IT_IS, pixels, at);
    }

    /** As above, its colour channels in another order, the background's not. */
    void paint(byte[] rgba, int size, int side, int[] order, float[] pixels, int at) {
        int factor = size / side;
        double middle = (side - 1) / 2.0;
        float[] mixed = new float[4];
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                double sx = ((flip ? side - 1 - x : x) - middle) / zoom + middle + right;
                double sy = (y - middle) / zoom + middle + down;
                mix(rgba, size, (sx + 0.5) * factor - 0.5, (sy + 0.5) * factor - 0.5, mixed);
                for (int c = 0; c < 3; c++) {
                    float value = mixed[order[c]] + (1 - mixed[3]) * background.channel(c);
                    pixels[at + (c * side + y) * side + x] = value / 127.5f - 1;
                }
            }
        }
    }

    /** Bilinear in premultiplied colours, over 2×2 source pixels; nothing lies outside the picture. */
    private static void mix(byte[] rgba, int size, double x, double y, float[] mixed) {
        int x0 = (int) Math.floor(x);
        int y0 = (int) Math.floor(y);
        Arrays.fill(mixed, 0);
        for (int j = 0; j < 2; j++) {
            for (int i = 0; i < 2; i++) {
                int px = x0 + i;
                int py = y0 + j;
                if (px < 0 || py < 0 || px >= size || py >= size) {
                    continue;
                }
                int p = (py * size + px) * 4;
                double weight = (1 - Math.abs(x - px)) * (1 - Math.abs(y - py));
                float alpha = (float) weight * (rgba[p + 3] & 255) / 255f;
                mixed[3] += alpha;
                for (int c = 0; c < 3; c++) {
                    mixed[c] += alpha * (rgba[p + c] & 255);
                }
            }
        }
    }
}
