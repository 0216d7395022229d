package org.reimagen.core.diffusion;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.tensor.Ops;
import org.reimagen.core.tensor.Scopes;

/**
 * A run of a sampler from noise to pictures.
 *
 * <p>The same seed gives the same picture at any batch size: every image has its own noise and its own draws R.
 */
public final class Sampling {
    private final ConditionedModel model;
    private final SamplingConfig config;

    /** A run of {@code model} as {@code config} says. */
    public Sampling(ConditionedModel model, SamplingConfig config) {
        this.model = model;
        this.config = config;
    }

    /**
     * Draws one picture a seed.
     *
     * @param seeds one an image
     * @param size side of the square picture in pixels
     * @return {@code [B,3,size,size]} float32, roughly in [-1,1]. <b>Owns</b>: the innermost open scope
     * @throws CancellationException when the listener stops the run
     */
    public Tensor run(long[] seeds, int size, StepListener listener) {
        try (var _ = new NoGradGuard()) {
            Noise noise = new Noise(seeds);
            return run(noise.normal(3, size, size), noise, listener);
        }
    }

    /** As {@link #run(long[], int, StepListener)}, from given noise {@code start [B,C,H,W]} at the first time. */
    public Tensor run(Tensor start, Noise noise, StepListener listener) {
        int images = Math.toIntExact(start.size(0));
        List<Integer> all = IntStream.range(0, images).boxed().toList();
        return new Run(model, Collections.nCopies(images, config.guidance()), noise)
                .from(start, (index, t, x0) -> listener.onStep(index, t, x0) ? all : List.of());
    }

    /**
     * Draws one picture a seed, each under its own guidance, some of which may leave on the way.
     *
     * @param seeds one an image
     * @param guidance one an image, in place of the configuration's
     * @return {@code [B,3,size,size]} as {@link #run(long[], int, StepListener)}, of the images that did not leave
     * @throws CancellationException when no image is left
     */
    public Tensor runBatch(long[] seeds, List<Guidance> guidance, int size, BatchListener listener) {
        Noise noise = noise(seeds, guidance);
        try (var _ = new NoGradGuard()) {
            return new Run(model, guidance, noise).from(noise.normal(3, size, size), listener);
        }
    }

    /**
     * As {@link #runBatch(long[], List, int, BatchListener)}, from pictures noised to the first time.
     *
     * @param pictures {@code [B,3,size,size]} in [-1,1]
     */
    public Tensor runBatch(long[] seeds, List<Guidance> guidance, Tensor pictures, BatchListener listener) {
        Noise noise = noise(seeds, guidance);
        int size = Math.toIntExact(pictures.size(2));
        double t = config.times().getFirst();
        try (var _ = new NoGradGuard()) {
            Tensor start = Ops.scale(pictures, config.schedule().alpha(t))
                    .add(Ops.scale(
                            noise.normal(3, size, size), config.schedule().sigma(t)));
            return new Run(model, guidance, noise).from(start, listener);
        }
    }

    private static Noise noise(long[] seeds, List<Guidance> guidance) {
        if (guidance.size() != seeds.length) {
            throw new IllegalArgumentException(
                    "%d seeds need as many guidances, not %d".formatted(seeds.length, guidance.size()));
        }
        return new Noise(seeds);
    }

    /** The images that are left, and what each of them reads. */
    private final class Run {
        private ConditionedModel batch;
        private List<Guidance> guidance;
        private Noise noise;

        Run(ConditionedModel batch, List<Guidance> guidance, Noise noise) {
            this.batch = batch;
            this.guidance = guidance;
            this.noise = noise;
        }

        Tensor from(Tensor start, BatchListener listener) {
            List<Double> times = config.times();
            Tensor x = Scopes.keep(start);
            Tensor x0 = null;
            try {
                for (int i = 0; i + 1 < times.size(); i++) {
                    double previous = i == 0 ? Double.NaN : times.get(i - 1);
                    Sampler.Step step = new Sampler.Step(x, times.get(i), times.get(i + 1), x0, previous);
                    Sampler.Result result = advance(step, i, listener);
                    release(x);
                    release(x0);
                    x = result.x();
                    x0 = result.x0();
                }
                return Scopes.adopt(x);
            } catch (RuntimeException e) {
                release(x);
                throw e;
            } finally {
                release(x0);
            }
        }

        private Sampler.Result advance(Sampler.Step step, int index, BatchListener listener) {
            List<Integer> rows;
            Sampler.Result result;
            try (var _ = new PointerScope()) {
                GuidedDenoiser denoiser = new GuidedDenoiser(batch, config, guidance, noise.nextDraws());
                result = config.sampler().step(step, config.schedule(), denoiser, noise);
                rows = listener.onStep(index, step.tNext(), result.x0());
                if (rows.isEmpty()) {
                    throw new CancellationException("stopped after step " + (index + 1));
                }
                boolean all = rows.size() == guidance.size();
                result = new Sampler.Result(
                        Scopes.keep(all ? result.x() : select(result.x(), rows)),
                        Scopes.keep(all ? result.x0() : select(result.x0(), rows)));
            }
            if (rows.size() < guidance.size()) {
                batch = batch.select(rows);
                guidance = rows.stream().map(guidance::get).toList();
                noise = noise.select(rows);
            }
            return result;
        }
    }

    private static Tensor select(Tensor images, List<Integer> rows) {
        long[] index = rows.stream().mapToLong(Integer::longValue).toArray();
        return images.index_select(0, Ops.longs(index, index.length));
    }

    private static void release(@Nullable Tensor tensor) {
        if (tensor != null) {
            tensor.releaseReference();
        }
    }
}
