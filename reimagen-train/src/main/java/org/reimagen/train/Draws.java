package org.reimagen.train;

import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.tensor.Ops;

/** The random numbers of a training step. */
final class Draws {
    private Draws() {}

    /** One time from each of B equal slices of (0,1), in random order. */
    static Tensor times(RandomGenerator random, int b) {
        float[] times = new float[b];
        double offset = random.nextDouble();
        for (int i = 0; i < b; i++) {
            times[i] = (float) Math.clamp((i + offset) / b, 1e-3, 1 - 1e-4);
        }
        for (int i = b - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            float swap = times[i];
            times[i] = times[j];
            times[j] = swap;
        }
        return Ops.floats(times, b);
    }

    /** Standard normal noise in the shape of {@code like}. */
    static Tensor normal(RandomGenerator random, Tensor like) {
        float[] noise = new float[Math.toIntExact(like.numel())];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) random.nextGaussian();
        }
        return Ops.floats(noise, like.shape());
    }
}
