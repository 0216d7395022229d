package org.reimagen.core.diffusion;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.tensor.Ops;

/**
 * Randomness of a batch: one generator an image, so that an image is the same whatever it is batched with.
 *
 * <p><b>Thread-safety</b>: one thread.
 */
public final class Noise {
    private static final long GUIDANCE_SALT = 0x5DEECE66DL;

    private final RandomGenerator[] pixels;
    private final RandomGenerator[] draws;

    /** Generators for one seed an image. */
    public Noise(long... seeds) {
        RandomGeneratorFactory<RandomGenerator> factory = RandomGeneratorFactory.of("L64X128MixRandom");
        pixels = new RandomGenerator[seeds.length];
        draws = new RandomGenerator[seeds.length];
        for (int i = 0; i < seeds.length; i++) {
            pixels[i] = factory.create(seeds[i]);
            draws[i] = factory.create(seeds[i] ^ GUIDANCE_SALT);
        }
    }

    private Noise(RandomGenerator[] pixels, RandomGenerator[] draws) {
        this.pixels = pixels;
        this.draws = draws;
    }

    /** The generators of these images alone, where they now stand; they go on in both. */
    Noise select(List<Integer> rows) {
        return new Noise(
                rows.stream().map(i -> pixels[i]).toArray(RandomGenerator[]::new),
                rows.stream().map(i -> draws[i]).toArray(RandomGenerator[]::new));
    }

    /** Standard normal noise {@code [B,channels,height,width]} float32. */
    public Tensor normal(int channels, int height, int width) {
        int each = channels * height * width;
        float[] values = new float[pixels.length * each];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) pixels[i / each].nextGaussian();
        }
        return Ops.floats(values, pixels.length, channels, height, width);
    }

    /** The next R ~ U[0,1) of every image, from a stream apart from the pixels'. */
    public double[] nextDraws() {
        double[] r = new double[draws.length];
        for (int i = 0; i < r.length; i++) {
            r[i] = draws[i].nextDouble();
        }
        return r;
    }
}
