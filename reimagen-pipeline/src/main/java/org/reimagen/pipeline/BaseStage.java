package org.reimagen.pipeline;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.diffusion.BatchListener;
import org.reimagen.core.diffusion.Guidance;
import org.reimagen.core.diffusion.Sampling;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.core.model.Conditioning;
import org.reimagen.core.model.Flops;
import org.reimagen.core.model.NeighborFeatures;
import org.reimagen.core.model.NeighborInput;
import org.reimagen.core.model.TextInput;
import org.reimagen.core.model.UNet;
import org.reimagen.core.tensor.Autocast;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.encoder.EncodedText;
import org.reimagen.knowledge.encoder.TextEncoder;

/**
 * The first stage of the cascade: small pictures of scenes, each from its own prompt and references.
 *
 * <p>A scene is drawn the same whatever it is batched with. <b>Thread-safety</b>: one call at a time. <b>Owns</b>: the
 * network; the encoder stays the caller's.
 */
public final class BaseStage implements AutoCloseable {
    private final UNet net;
    private final StageConfig config;
    private final TextEncoder encoder;

    /** A stage of {@code net}, which it closes, reading texts with {@code encoder}. */
    public BaseStage(UNet net, StageConfig config, TextEncoder encoder) {
        this.net = net;
        this.config = config;
        this.encoder = encoder;
        Weights.channelsLast(net);
    }

    /**
     * Loads the stage of a published model.
     *
     * @throws ReImagenException naming the file at fault, or the encoder if it is not the one trained with
     */
    public static BaseStage load(ModelFolder model, TextEncoder encoder) {
        StageConfig config = model.baseConfig();
        if (!config.textEncoder().equals(encoder.name())) {
            throw new ReImagenException("%s: was trained with the text encoder %s, not %s"
                    .formatted(model.folder(), config.textEncoder(), encoder.name()));
        }
        return new BaseStage(model.loadBase(), config, encoder);
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
        private Reference neutral() {
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
     */
    public record Scene(
            String prompt, String negativePrompt, List<Reference> references, List<BufferedImage> starts, long seed) {
        /** The lists are copied. */
        public Scene {
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

        /** A scene without negative prompt. */
        public Scene(String prompt, List<Reference> references, long seed) {
            this(
                    prompt,
                    "",
                    references,
                    references.stream().map(Reference::picture).toList(),
                    seed);
        }
    }

    /** The pictures of the scenes, in their order, and where the time went. */
    public record Drawn(List<BufferedImage> images, long encodeMillis, long sampleMillis) {}

    /** Side of the pictures in pixels. */
    public int resolution() {
        return config.resolution();
    }

    /** Billions of floating-point operations of one evaluation of the network for one picture. */
    public double forwardGflop() {
        return new Flops(config.unet(), config.resolution()).forward() / 1e9;
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
            UNetModel model = model(scenes);
            long encoded = System.nanoTime();
            long[] seeds = scenes.stream().mapToLong(Scene::seed).toArray();
            Sampling run = new Sampling(model, sampling);
            Tensor pixels = sampling.startsFromNoise()
                    ? run.runBatch(seeds, guidance, resolution(), heard(listener))
                    : run.runBatch(seeds, guidance, starts(scenes), heard(listener));
            int left = Math.toIntExact(pixels.size(0));
            float[] values = Ops.toFloats(pixels);
            long sampled = System.nanoTime();
            return new Drawn(images(values, left), (encoded - start) / 1_000_000, (sampled - encoded) / 1_000_000);
        }
    }

    private UNetModel model(List<Scene> scenes) {
        Conditioning conditioning = condition(scenes);
        if (!hasNegative(scenes)) {
            return new UNetModel(net, conditioning);
        }
        boolean[] negative = new boolean[scenes.size()];
        for (int i = 0; i < negative.length; i++) {
            negative[i] = !scenes.get(i).negativePrompt().isBlank();
        }
        return new UNetModel(net, conditioning, negative);
    }

    /** The scenes' condition; where one has a negative prompt, that of the negative prompts follows, row by row. */
    private Conditioning condition(List<Scene> scenes) {
        Map<Reference, Integer> rows = new LinkedHashMap<>();
        scenes.forEach(s -> s.references().forEach(r -> rows.putIfAbsent(r.neutral(), rows.size())));
        int k = scenes.stream().mapToInt(s -> s.references().size()).max().orElse(0);
        List<Scene> read = new ArrayList<>(scenes);
        List<String> texts = new ArrayList<>(scenes.stream().map(Scene::prompt).toList());
        if (hasNegative(scenes)) {
            read.addAll(scenes);
            scenes.forEach(s -> texts.add(s.negativePrompt()));
        }
        long[] index = new long[read.size() * k];
        float[] logWeights = new float[read.size() * k];
        Arrays.fill(logWeights, Float.NEGATIVE_INFINITY);
        for (int b = 0; b < read.size(); b++) {
            List<Reference> references = read.get(b).references();
            for (int j = 0; j < references.size(); j++) {
                Reference reference = references.get(j);
                index[b * k + j] = Objects.requireNonNull(rows.get(reference.neutral()));
                logWeights[b * k + j] = (float) Math.log(reference.weight());
            }
        }
        NeighborInput neighbors = new NeighborInput(
                encode(List.copyOf(rows.keySet())),
                Ops.longs(index, read.size(), k),
                Ops.floats(logWeights, read.size(), k));
        return net.condition(text(texts), neighbors);
    }

    /** What each scene starts from: {@code [B,3,S,S]}. */
    private Tensor starts(List<Scene> scenes) {
        return pixels(scenes.stream().map(Scene::start).toList());
    }

    /** Pictures of the stage's resolution as {@code [N,3,S,S]}. */
    private Tensor pixels(List<BufferedImage> pictures) {
        int size = config.resolution();
        float[] pixels = new float[pictures.size() * 3 * size * size];
        for (int i = 0; i < pictures.size(); i++) {
            float[] one = Pictures.toChw(pictures.get(i));
            if (one.length != 3 * size * size) {
                throw new IllegalArgumentException("a reference must be %d x %d pixels".formatted(size, size));
            }
            System.arraycopy(one, 0, pixels, i * one.length, one.length);
        }
        return Ops.channelsLast(Ops.floats(pixels, pictures.size(), 3, size, size));
    }

    private static boolean hasNegative(List<Scene> scenes) {
        return scenes.stream().anyMatch(s -> !s.negativePrompt().isBlank());
    }

    /** Features of all references; with none, of a blank picture that nobody reads but that gives the features a shape. */
    private NeighborFeatures encode(List<Reference> references) {
        if (references.isEmpty()) {
            int size = config.resolution();
            return net.encodeNeighbors(Ops.channelsLast(torch.zeros(1, 3, size, size)), text(List.of("nothing")));
        }
        return net.encodeNeighbors(
                pixels(references.stream().map(Reference::picture).toList()),
                text(references.stream().map(Reference::caption).toList()));
    }

    private TextInput text(List<String> texts) {
        List<EncodedText> encoded = texts.stream().map(encoder::encode).toList();
        return TextInput.pad(
                encoded.stream().map(EncodedText::states).toList(),
                encoded.stream().map(EncodedText::pooled).toList(),
                encoder.dim());
    }

    private BatchListener heard(SceneListener listener) {
        return (index, t, x0) -> {
            List<BufferedImage> made = new ArrayList<>();
            return listener.onStep(index + 1, () -> {
                if (made.isEmpty()) {
                    made.addAll(images(Ops.toFloats(x0), Math.toIntExact(x0.size(0))));
                }
                return made;
            });
        };
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
        net.close();
    }
}
