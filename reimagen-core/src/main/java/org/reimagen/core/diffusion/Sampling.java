package org.reimagen.core.diffusion;

import java.util.List;
import java.util.concurrent.CancellationException;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
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
        List<Double> times = config.times();
        Tensor x = Scopes.keep(start);
        Tensor x0 = null;
        try {
            for (int i = 0; i + 1 < times.size(); i++) {
                double previous = i == 0 ? Double.NaN : times.get(i - 1);
                Sampler.Step step = new Sampler.Step(x, times.get(i), times.get(i + 1), x0, previous);
                Sampler.Result result = advance(step, noise, i, listener);
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

    private Sampler.Result advance(Sampler.Step step, Noise noise, int index, StepListener listener) {
        try (var _ = new PointerScope()) {
            GuidedDenoiser denoiser = new GuidedDenoiser(model, config, noise.nextDraws());
            Sampler.Result result = config.sampler().step(step, config.schedule(), denoiser, noise);
            if (!listener.onStep(index, step.tNext(), result.x0())) {
                throw new CancellationException("stopped after step " + (index + 1));
            }
            return new Sampler.Result(Scopes.keep(result.x()), Scopes.keep(result.x0()));
        }
    }

    private static void release(@Nullable Tensor tensor) {
        if (tensor != null) {
            tensor.releaseReference();
        }
    }
}
