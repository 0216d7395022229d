package org.reimagen.pipeline;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.diffusion.BatchListener;
import org.reimagen.core.diffusion.ConditionedModel;
import org.reimagen.core.diffusion.Guidance;
import org.reimagen.core.diffusion.NoiseExperts;
import org.reimagen.core.diffusion.Sampling;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.core.model.UNet;
import org.reimagen.core.tensor.Autocast;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.encoder.TextEncoder;

/**
 * The first stage of the cascade: small pictures of scenes, each from its own prompt and references.
 *
 * <p>A scene is drawn the same whatever it is batched with. Where the model has a layout network, that draws at high noise and the
 * base's own network the rest ({@link NoiseExperts}). <b>Thread-safety</b>: one call at a time. <b>Owns</b>: the networks; the encoder
 * stays the caller's.
 */
public final class BaseStage implements AutoCloseable {
    /** From here on the layout stands where no layout network says when: true pictures with so much noise are drawn again as they were. */
    private static final double SETTLED = 0.778;

    private final StageConfig config;
    private final SceneReader base;
    private final @Nullable SceneReader layout;

    /** A stage of {@code net} alone, which it closes, reading texts with {@code encoder}. */
    public BaseStage(UNet net, StageConfig config, TextEncoder encoder) {
        this(new SceneReader(net, config, encoder, config.resolution()), config, null);
    }

    private BaseStage(SceneReader base, StageConfig config, @Nullable SceneReader layout) {
        this.base = base;
        this.config = config;
        this.layout = layout;
    }

    /**
     * Loads the stage of a published model.
     *
     * @throws ReImagenException naming the file at fault, or the encoder if it is not the one trained with
     */
    public static BaseStage load(ModelFolder model, TextEncoder encoder) {
        StageConfig config = model.baseConfig();
        SceneReader layout = model.layoutConfig()
                .map(l -> new SceneReader(forDrawing(model.loadLayout(l)), l, encoder, config.resolution()))
                .orElse(null);
        SceneReader base = new SceneReader(forDrawing(model.loadBase()), config, encoder, config.resolution());
        BaseStage stage = new BaseStage(base, config, layout);
        try {
            checkEncoder(model, config, encoder);
        } catch (RuntimeException e) {
            stage.close();
            throw e;
        }
        return stage;
    }

    private static UNet forDrawing(UNet net) {
        Weights.forDrawing(net);
        return net;
    }

    private static void checkEncoder(ModelFolder model, StageConfig config, TextEncoder encoder) {
        if (!config.textEncoder().equals(encoder.name())) {
            throw new ReImagenException("%s: was trained with the text encoder %s, not %s"
                    .formatted(model.folder(), config.textEncoder(), encoder.name()));
        }
    }

    /**
     * One neighbour as the network reads it.
     *
     * @param picture RGB, square, of the stage's resolution
     * @param caption its text
     * @param weight of its attention, positive; 1 is neutral
     */
    public record Reference(BufferedImage picture, String caption, double weight) {
        /** Checks the weight. */
        public Reference {
            if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("the weight of a reference must be positive, was " + weight);
            }
        }

        /** A reference of neutral weight. */
        public Reference(BufferedImage picture, String caption) {
            this(picture, caption, 1);
        }

        /** What is encoded, whatever the weight. */
        Reference neutral() {
            return new Reference(picture, caption, 1);
        }
    }

    /**
     * One picture to draw.
     *
     * @param negativePrompt what stands in for the dropped text, empty for the learned null
     * @param references its neighbours, none to 16; a reference shared by scenes is encoded once
     * @param starts what a run that does not start from noise starts from, one a reference: RGB, square, of the stage's resolution; which of
     *     them is the seed's choice, the first for 0
     * @param candidates layouts to begin, of which the one nearest to what the references share goes on; at least 1
     * @param finish what is done to the finished drawing
     */
    public record Scene(
            String prompt,
            String negativePrompt,
            List<Reference> references,
            List<BufferedImage> starts,
            long seed,
            int candidates,
            Finish finish) {
        /** The lists are copied. */
        public Scene {
            if (candidates < 1) {
                throw new IllegalArgumentException("candidates must be positive, was " + candidates);
            }
            references = List.copyOf(references);
            starts = List.copyOf(starts);
        }

        /** @throws ReImagenException if there is nothing to start from */
        private BufferedImage start() {
            if (starts.isEmpty()) {
                throw new ReImagenException("strength below 1 starts from a reference, and there is none");
            }
            return starts.get(Math.floorMod(seed, starts.size()));
        }

        /** A scene without negative prompt, of one layout, as drawn. */
        public Scene(String prompt, List<Reference> references, long seed) {
            this(
                    prompt,
                    "",
                    references,
                    references.stream().map(Reference::picture).toList(),
                    seed,
                    1,
                    Finish.NONE);
        }
    }

    /**
     * What a stage computes for one picture.
     *
     * @param evaluations of its networks, most that a guidance draws
     * @param gflop billions of floating-point operations of them all
     */
    public record Work(int evaluations, double gflop) {}

    /** The pictures of the scenes, in their order, and where the time went. */
    public record Drawn(List<BufferedImage> images, long encodeMillis, long sampleMillis) {}

    /** Side of the pictures in pixels. */
    public int resolution() {
        return config.resolution();
    }

    /** The last step at which the layout is still open; 0 if it is settled from the start. */
    private int settled(SamplingConfig sampling) {
        return Math.toIntExact(sampling.times().stream()
                .limit(sampling.steps())
                .filter(this::isOpen)
                .count());
    }

    /** How many layouts a picture of {@code request} begins: where it does not say, several if a smaller network draws them. */
    int candidates(GenerationRequest request) {
        int usual = layout == null ? 1 : GenerationRequest.CANDIDATES;
        return request.candidates() == 0 ? usual : request.candidates();
    }

    /** What one picture takes that begins {@code candidates} layouts. */
    Work work(SamplingConfig sampling, int candidates) {
        List<Double> times = sampling.times().subList(0, sampling.steps());
        int evaluations = times.stream()
                .mapToInt(t -> evaluations(sampling, t, candidates))
                .sum();
        double gflop = times.stream()
                .mapToDouble(
                        t -> evaluations(sampling, t, candidates) * reader(t).forwardGflop())
                .sum();
        return new Work(evaluations, gflop);
    }

    private int evaluations(SamplingConfig sampling, double t, int candidates) {
        return sampling.guidance().evaluations(t) * (isOpen(t) ? candidates : 1);
    }

    /** Whether the layout is still open at time {@code t}: while the layout network draws, where there is one. */
    private boolean isOpen(double t) {
        return layout == null ? t >= SETTLED : reader(t) == layout;
    }

    /** Whose network draws at time {@code t}. */
    private SceneReader reader(double t) {
        if (layout != null && NoiseExperts.coarseTime(t, layout.factor()) >= layout.fromTime()) {
            return layout;
        }
        return base;
    }

    /**
     * Draws the scenes in one batch.
     *
     * @param scenes at least one
     * @throws java.util.concurrent.CancellationException when the listener stops the run
     */
    public Drawn draw(List<Scene> scenes, SamplingConfig sampling, ProgressListener listener) {
        List<Integer> all = IntStream.range(0, scenes.size()).boxed().toList();
        return draw(
                scenes,
                Collections.nCopies(scenes.size(), sampling.guidance()),
                sampling,
                (step, previews) -> listener.onStep(new Progress(resolution(), 0, step, sampling.steps(), previews))
                        ? all
                        : List.of());
    }

    /** Hears of every step of a batch and may drop scenes from it. */
    @FunctionalInterface
    interface SceneListener {
        /**
         * Called after each step.
         *
         * @param step 1 for the first
         * @param previews of the scenes that are left, made on demand and once, valid during the call only
         * @return which of those that are left go on, ascending; none stops the run
         */
        List<Integer> onStep(int step, Supplier<List<BufferedImage>> previews);
    }

    /**
     * As {@link #draw(List, SamplingConfig, ProgressListener)}, each scene under its own guidance; the pictures are those of the
     * scenes that the listener did not drop.
     *
     * @param guidance one a scene, in place of the configuration's
     */
    Drawn draw(List<Scene> scenes, List<Guidance> guidance, SamplingConfig sampling, SceneListener listener) {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard();
                var _ = Autocast.fastest()) {
            long start = System.nanoTime();
            Candidates candidates = new Candidates(scenes, settled(sampling));
            List<Scene> rows = candidates.spread(scenes);
            List<Guidance> mixes = candidates.spread(guidance);
            ConditionedModel model = model(scenes, candidates);
            long encoded = System.nanoTime();
            Sampling run = new Sampling(model, sampling);
            Tensor pixels = sampling.startsFromNoise()
                    ? run.runBatch(candidates.seeds(), mixes, resolution(), heard(candidates, listener))
                    : run.runBatch(candidates.seeds(), mixes, starts(rows), heard(candidates, listener));
            int left = Math.toIntExact(pixels.size(0));
            float[] values = Ops.toFloats(smoothed(candidates.scenes(), pixels));
            long sampled = System.nanoTime();
            List<BufferedImage> images = images(values, left);
            evenBackgrounds(candidates.scenes(), images);
            return new Drawn(images, (encoded - start) / 1_000_000, (sampled - encoded) / 1_000_000);
        }
    }

    private ConditionedModel model(List<Scene> scenes, Candidates candidates) {
        int all = scenes.size();
        List<Integer> rows = candidates.spread(IntStream.range(0, all).boxed().toList());
        ConditionedModel fine = RepeatedRows.of(base.read(scenes), rows, all);
        return layout == null
                ? fine
                : new NoiseExperts(layout.read(candidates.spread(scenes)), fine, layout.factor(), layout.fromTime());
    }

    /** What each scene starts from: {@code [B,3,S,S]}. */
    private Tensor starts(List<Scene> scenes) {
        return SceneReader.pixels(scenes.stream().map(Scene::start).toList(), config.resolution());
    }

    private BatchListener heard(Candidates candidates, SceneListener listener) {
        return (index, t, x0) -> {
            List<BufferedImage> made = new ArrayList<>();
            Supplier<List<BufferedImage>> guesses = () -> {
                if (made.isEmpty()) {
                    made.addAll(images(Ops.toFloats(x0), Math.toIntExact(x0.size(0))));
                }
                return made;
            };
            return candidates.step(index + 1, guesses, listener);
        };
    }

    /** The drawings {@code [B,3,S,S]}, each as smooth as its scene asks. */
    private static Tensor smoothed(List<Scene> scenes, Tensor pixels) {
        Tensor[] smooth = IntStream.range(0, scenes.size())
                .mapToObj(i -> L0Smoothing.smooth(
                        pixels.select(0, i), scenes.get(i).finish().smoothing()))
                .toArray(Tensor[]::new);
        return torch.stack(new TensorVector(smooth));
    }

    private static void evenBackgrounds(List<Scene> scenes, List<BufferedImage> images) {
        for (int i = 0; i < scenes.size(); i++) {
            Scene scene = scenes.get(i);
            Color asked = Background.in(scene.prompt()).color();
            new PlainBackground(asked, scene.finish().backgroundTolerance()).even(images.get(i));
        }
    }

    private List<BufferedImage> images(float[] pixels, int count) {
        int each = pixels.length / count;
        List<BufferedImage> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float[] one = Arrays.copyOfRange(pixels, i * each, (i + 1) * each);
            images.add(Pictures.fromChw(one, config.resolution(), config.resolution()));
        }
        return images;
    }

    @Override
    public void close() {
        base.close();
        if (layout != null) {
            layout.close();
        }
    }
}
