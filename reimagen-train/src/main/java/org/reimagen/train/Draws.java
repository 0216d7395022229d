package org.reimagen.train;

import java.util.random.RandomGenerator;

/** The random numbers of a training step; plain arrays, so that they can be drawn on any thread. */
final class Draws {
    private Draws() {}

    /** One time from each of B equal slices of (0,1), in random order. */
    static float[] times(RandomGenerator random, int b) {
        return times(random, b, 0, TrainingConfig.Emphasis.NONE);
    }

    /** B times of {@code from} to the latest, u^power of one u from each of B equal slices of (0,1), in random order. */
    static float[] times(RandomGenerator random, int b, double from, TrainingConfig.Emphasis emphasis) {
        float[] times = new float[b];
        double offset = random.nextDouble();
        for (int i = 0; i < b; i++) {
            double share = Math.pow((i + offset) / b, emphasis.timePower());
            times[i] = (float) Math.clamp(from + (emphasis.toTime() - from) * share, 1e-3, 1 - 1e-4);
        }
        for (int i = b - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            float swap = times[i];
            times[i] = times[j];
            times[j] = swap;
        }
        return times;
    }

    /** {@code count} numbers of standard normal noise. */
    static float[] normal(RandomGenerator random, int count) {
        float[] noise = new float[count];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) random.nextGaussian();
        }
        return noise;
    }
}
