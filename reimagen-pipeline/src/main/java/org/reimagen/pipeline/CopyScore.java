package org.reimagen.pipeline;

import java.awt.image.BufferedImage;
import org.reimagen.knowledge.draw.Pictures;

/**
 * How nearly a drawing repeats one of its references: 1 for the very same picture, 0 for an unrelated one.
 *
 * <p>Both are brought to 64×64 on one background; the score is 1 − RMS/{@value #UNRELATED} of the RGB difference in [0,1],
 * for the shift of up to two pixels that fits best. At {@value #COPY} and above the drawing is called a near-copy.
 */
public final class CopyScore {
    /** From this score on a drawing is called a near-copy. */
    public static final double COPY = 0.7;

    /** Root mean square difference from which two pictures have nothing in common. */
    static final double UNRELATED = 0.25;

    private static final int SIDE = 64;
    private static final int SHIFT = 2;

    private CopyScore() {}

    /** The score of two opaque pictures of any size. */
    public static double of(BufferedImage drawing, BufferedImage reference) {
        int[] a = small(drawing);
        int[] b = small(reference);
        double least = Double.POSITIVE_INFINITY;
        for (int dy = -SHIFT; dy <= SHIFT; dy++) {
            for (int dx = -SHIFT; dx <= SHIFT; dx++) {
                least = Math.min(least, difference(a, b, dx, dy));
            }
        }
        return Math.max(0, 1 - least / UNRELATED);
    }

    private static int[] small(BufferedImage picture) {
        BufferedImage fitted = Pictures.fit(picture, SIDE);
        return fitted.getRGB(0, 0, SIDE, SIDE, null, 0, SIDE);
    }

    private static double difference(int[] a, int[] b, int dx, int dy) {
        double sum = 0;
        int count = 0;
        for (int y = Math.max(0, -dy); y < SIDE - Math.max(0, dy); y++) {
            for (int x = Math.max(0, -dx); x < SIDE - Math.max(0, dx); x++) {
                int p = a[y * SIDE + x];
                int q = b[(y + dy) * SIDE + x + dx];
                for (int shift = 16; shift >= 0; shift -= 8) {
                    double d = ((p >> shift & 255) - (q >> shift & 255)) / 255.0;
                    sum += d * d;
                    count++;
                }
            }
        }
        return Math.sqrt(sum / count);
    }
}
