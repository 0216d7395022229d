package org.reimagen.pipeline;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.diffusion.ConditionedModel;
import org.reimagen.core.diffusion.Guidance;
import org.reimagen.core.diffusion.Noise;
import org.reimagen.core.diffusion.NoiseSchedule;
import org.reimagen.core.diffusion.Prediction;
import org.reimagen.core.diffusion.Sampler;
import org.reimagen.core.diffusion.Sampling;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.core.diffusion.Thresholding;
import org.reimagen.core.model.SuperResolutionFlops;
import org.reimagen.core.model.SuperResolutionUNet;
import org.reimagen.core.tensor.Autocast;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.draw.Pictures;

/**
 * A later stage of the cascade: draws a picture again at four times the side, or any other its configuration says.
 *
 * <p>DDIM over the cosine schedule; one seed gives one picture. <b>Thread-safety</b>: one call at a time. <b>Owns</b>: the
 * network. <b>Source</b>: Imagen, arXiv 2205.11487, sections 2.4 and 2.5.
 */
public final class SuperResolutionStage implements AutoCloseable {
    private static final NoiseSchedule SCHEDULE = new NoiseSchedule.Cosine();
    private static final long STAGE_SALT = 0x9E3779B97F4A7C15L;

    private final SuperResolutionUNet net;
    private final SuperResolutionStageConfig config;

    /** A stage of {@code net}, which it closes. */
    public SuperResolutionStage(SuperResolutionUNet net, SuperResolutionStageConfig config) {
        this.net = net;
        this.config = config;
        Weights.channelsLast(net);
    }

    /** Loads a stage of a published model. */
    public static SuperResolutionStage load(ModelFolder model, SuperResolutionStageConfig config) {
        return new SuperResolutionStage(model.loadSuperResolution(config), config);
    }

    /**
     * How to sample a stage.
     *
     * @param steps 1 to 1000
     * @param noiseLevel of the small picture in [0,0.5]: how far the stage may depart from it (noise conditioning
     *     augmentation)
     */
    public record Options(int steps, double noiseLevel) {
        /** Checks the ranges. */
        public Options {
            if (steps < 1 || steps > 1000) {
                throw new ReImagenException("sr_steps must be 1 to 1000, was " + steps);
            }
            if (!(noiseLevel >= 0 && noiseLevel <= 0.5)) {
                throw new ReImagenException("sr_noise_level must be 0 to 0.5, was " + noiseLevel);
            }
        }
    }

    /** Side of the pictures that are enlarged, in pixels. */
    public int lowResolution() {
        return config.lowResolution();
    }

    /** Side of the pictures that are drawn, in pixels. */
    public int resolution() {
        return config.resolution();
    }

    /** Billions of floating-point operations of one evaluation of the network for one picture. */
    public double forwardGflop() {
        return new SuperResolutionFlops(config.network(), config.resolution()).forward() / 1e9;
    }

    /** Draws {@code low} again, {@code resolution() / lowResolution()} times as large; its side may be any that fits. */
    public BufferedImage enlarge(BufferedImage low, long seed, Options options, ProgressListener listener) {
        return enlarge(low, seed, options, listener, 0);
    }

    /**
     * As {@link #enlarge(BufferedImage, long, Options, ProgressListener)}.
     *
     * @param index of the picture in its request, which the listener is told
     * @throws java.util.concurrent.CancellationException when the listener stops the run
     */
    BufferedImage enlarge(BufferedImage low, long seed, Options options, ProgressListener listener, int index) {
        int side = low.getWidth();
        if (side != low.getHeight()) {
            throw new IllegalArgumentException("a picture to enlarge must be square");
        }
        int large = side * (config.resolution() / config.lowResolution());
        try (var _ = new PointerScope();
                var _ = new NoGradGuard();
                var _ = Autocast.fastest()) {
            Noise noise = new Noise(seed ^ (STAGE_SALT * config.resolution()));
            Tensor small = Ops.floats(Pictures.toChw(low), 1, 3, side, side);
            Tensor condition = noised(small, options.noiseLevel(), noise, large);
            Tensor level = Ops.scale(torch.ones(1), options.noiseLevel());
            ConditionedModel model = (xt, t, evaluations) -> net.forward(
                            Ops.channelsLast(xt), Ops.scale(torch.ones(1), t), condition, level)
                    .unsqueeze(0);
            SamplingConfig sampling = new SamplingConfig(
                    new Sampler.Ddim(0),
                    SCHEDULE,
                    times(options.steps()),
                    Prediction.X0,
                    new Guidance.None(),
                    new Thresholding.Static());
            Tensor drawn = new Sampling(model, sampling)
                    .run(
                            noise.normal(3, large, large),
                            noise,
                            (step, t, x0) -> listener.onStep(new Progress(
                                    resolution(),
                                    index,
                                    step + 1,
                                    options.steps(),
                                    () -> List.of(Pictures.fromChw(Ops.toFloats(x0), large, large)))));
            return Pictures.fromChw(Ops.toFloats(drawn), large, large);
        }
    }

    /** Squares of equally spaced times: what the enlarged picture lacks is small, so what matters lies at low noise. */
    private static List<Double> times(int steps) {
        return IntStream.rangeClosed(0, steps)
                .mapToObj(i -> SCHEDULE.start() * Math.pow((steps - i) / (double) steps, 2))
                .toList();
    }

    private static Tensor noised(Tensor small, double level, Noise noise, int large) {
        Tensor noisy = Ops.scale(small, SCHEDULE.alpha(level))
                .add(Ops.scale(noise.normal(3, (int) small.size(2), (int) small.size(3)), SCHEDULE.sigma(level)));
        return Ops.channelsLast(SuperResolutionUNet.enlarge(noisy, large));
    }

    @Override
    public void close() {
        net.close();
    }
}
