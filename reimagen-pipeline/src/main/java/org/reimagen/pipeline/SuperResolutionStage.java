package org.reimagen.pipeline;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.diffusion.ConditionedModel;
import org.reimagen.core.diffusion.Conditions;
import org.reimagen.core.diffusion.Guidance;
import org.reimagen.core.diffusion.Noise;
import org.reimagen.core.diffusion.NoiseSchedule;
import org.reimagen.core.diffusion.Prediction;
import org.reimagen.core.diffusion.Sampler;
import org.reimagen.core.diffusion.Sampling;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.core.diffusion.Thresholding;
import org.reimagen.core.model.ConditionsConfig;
import org.reimagen.core.model.SuperResolutionConditioning;
import org.reimagen.core.model.SuperResolutionFlops;
import org.reimagen.core.model.SuperResolutionUNet;
import org.reimagen.core.tensor.Autocast;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.encoder.TextEncoder;

/**
 * A later stage of the cascade: draws a picture again at four times the side, or any other its configuration says.
 *
 * <p>DDIM over the cosine schedule; one seed gives one picture. What is exactly of one colour stays so ({@link FlatAreas}). <b>Thread-safety</b>: one call at a time. <b>Owns</b>: the
 * network. <b>Source</b>: Imagen, arXiv 2205.11487, sections 2.4 and 2.5.
 */
public final class SuperResolutionStage implements AutoCloseable {
    private static final NoiseSchedule SCHEDULE = new NoiseSchedule.Cosine();
    private static final long STAGE_SALT = 0x9E3779B97F4A7C15L;

    private final SuperResolutionUNet net;
    private final SuperResolutionStageConfig config;
    private final StageReader reader;

    /** A stage of {@code net}, which it closes; it cannot read text. */
    public SuperResolutionStage(SuperResolutionUNet net, SuperResolutionStageConfig config) {
        this(net, config, null);
    }

    /**
     * A stage of {@code net}, which it closes.
     *
     * @param encoder reads the prompt and the neighbours' captions, stays the caller's; null if no guide names any
     */
    public SuperResolutionStage(
            SuperResolutionUNet net, SuperResolutionStageConfig config, @Nullable TextEncoder encoder) {
        this.net = net;
        this.config = config;
        this.reader = new StageReader(net, config, encoder);
        Weights.channelsLast(net);
    }

    /** Loads a stage of a published model; {@code encoder} as in the constructor. */
    public static SuperResolutionStage load(
            ModelFolder model, SuperResolutionStageConfig config, @Nullable TextEncoder encoder) {
        SuperResolutionUNet net = model.loadSuperResolution(config);
        Weights.forDrawing(net);
        return new SuperResolutionStage(net, config, encoder);
    }

    /**
     * How to sample a stage.
     *
     * @param steps 1 to 1000
     * @param noiseLevel of the small picture in [0,0.5]: how far the stage may depart from it (noise conditioning
     *     augmentation)
     * @param guidance weight of text and neighbours together, 0 to 30: 1 is neutral and costs no second evaluation; a stage that
     *     reads neither ignores it
     */
    public record Options(int steps, double noiseLevel, double guidance) {
        /** Neutral guidance. */
        public Options(int steps, double noiseLevel) {
            this(steps, noiseLevel, 1);
        }

        /** Checks the ranges. */
        public Options {
            if (!(guidance >= 0 && guidance <= 30)) {
                throw new ReImagenException("sr_guidance_scale must be 0 to 30, was " + guidance);
            }
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

    /**
     * What one picture takes.
     *
     * @param tokens of its text
     * @param neighbors how many references it has
     */
    BaseStage.Work work(Options options, int tokens, int neighbors) {
        boolean guided = config.network().conditions() != null && options.guidance() != 1;
        int evaluations = options.steps() * (guided ? 2 : 1);
        SuperResolutionFlops flops = new SuperResolutionFlops(config.network(), config.resolution());
        return new BaseStage.Work(
                evaluations, evaluations * (flops.forward() + flops.reading(tokens, neighbors)) / 1e9);
    }

    /** Most neighbours that the stage reads, 0 if it reads none. */
    public int neighbors() {
        ConditionsConfig reads = config.network().conditions();
        return reads == null ? 0 : reads.neighbors();
    }

    /** Side of the neighbours' pictures that it reads, in pixels, 0 if it reads none. */
    public int neighborResolution() {
        ConditionsConfig reads = config.network().conditions();
        return reads == null || reads.neighbors() == 0 ? 0 : reads.neighborResolution();
    }

    /**
     * Draws {@code low} again, {@code resolution() / lowResolution()} times as large; its side may be any that fits. Neither
     * text nor neighbours are read.
     */
    public BufferedImage enlarge(BufferedImage low, long seed, Options options, ProgressListener listener) {
        return enlarge(List.of(low), StageGuide.NONE, new long[] {seed}, options, listener)
                .getFirst();
    }

    /**
     * Draws pictures of one scene again, larger; each alone, under conditions that are read once.
     *
     * @param seeds one for each picture
     * @param listener is told the index of the picture
     * @throws java.util.concurrent.CancellationException when the listener stops the run
     */
    public List<BufferedImage> enlarge(
            List<BufferedImage> lows, StageGuide guide, long[] seeds, Options options, ProgressListener listener) {
        List<BufferedImage> large = new ArrayList<>();
        try (var _ = new PointerScope();
                var _ = new NoGradGuard();
                var _ = Autocast.fastest()) {
            SuperResolutionConditioning conditioning = reader.read(guide);
            for (int i = 0; i < lows.size(); i++) {
                large.add(enlarge(lows.get(i), seeds[i], options, listener, i, conditioning));
            }
        }
        return large;
    }

    private BufferedImage enlarge(
            BufferedImage low,
            long seed,
            Options options,
            ProgressListener listener,
            int index,
            @Nullable SuperResolutionConditioning conditioning) {
        int side = low.getWidth();
        if (side != low.getHeight()) {
            throw new IllegalArgumentException("a picture to enlarge must be square");
        }
        int large = side * (config.resolution() / config.lowResolution());
        try (var _ = new PointerScope()) { // one a picture: many would not fit side by side
            Noise noise = new Noise(seed ^ (STAGE_SALT * config.resolution()));
            Tensor small = Ops.floats(Pictures.toChw(low), 1, 3, side, side);
            Tensor enlarged = noised(small, options.noiseLevel(), noise, large);
            ConditionedModel model = new SuperResolutionModel(net, enlarged, options.noiseLevel(), conditioning);
            Guidance guidance = conditioning == null
                    ? new Guidance.None()
                    : new Guidance.ClassifierFree(options.guidance(), Conditions.NONE, Guidance.Interval.full());
            SamplingConfig sampling = new SamplingConfig(
                    new Sampler.Ddim(0),
                    SCHEDULE,
                    times(options.steps()),
                    Prediction.X0,
                    guidance,
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
            BufferedImage picture = Pictures.fromChw(Ops.toFloats(drawn), large, large);
            FlatAreas.keep(low, picture);
            return picture;
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
