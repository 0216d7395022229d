package org.reimagen.eval;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Comparator;
import org.reimagen.pipeline.Background;

/** What a picture is drawn on: read where drawings seldom reach. */
final class Corners {
    private static final int REACH = 4;

    private Corners() {}

    /** Median RGB, channel by channel, of the four corners' pixels. */
    static int color(BufferedImage rgb) {
        int w = rgb.getWidth();
        int h = rgb.getHeight();
        int color = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int[] values = new int[4 * REACH * REACH];
            for (int i = 0; i < REACH * REACH; i++) {
                int x = i % REACH;
                int y = i / REACH;
                values[4 * i] = rgb.getRGB(x, y) >> shift & 255;
                values[4 * i + 1] = rgb.getRGB(w - 1 - x, y) >> shift & 255;
                values[4 * i + 2] = rgb.getRGB(x, h - 1 - y) >> shift & 255;
                values[4 * i + 3] = rgb.getRGB(w - 1 - x, h - 1 - y) >> shift & 255;
            }
            Arrays.sort(values);
            color |= values[values.length / 2] << shift;
        }
        return color;
    }

    /** The named background that is nearest to the corners' colour. */
    static Background background(BufferedImage rgb) {
        int color = color(rgb);
        return Arrays.stream(Background.values())
                .min(Comparator.comparingInt(b -> squares(b, color)))
                .orElseThrow();
    }

    private static int squares(Background background, int color) {
        int sum = 0;
        for (int c = 0; c < 3; c++) {
            int d = background.channel(c) - ((color >> (16 - 8 * c)) & 255);
            sum += d * d;
        }
        return sum;
    }
}
