package org.reimagen.pipeline;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.Weights;
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
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.encoder.CachingTextEncoder;
import org.reimagen.knowledge.encoder.EncodedText;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.knowledge.retrieval.Bm25Retriever;
import org.reimagen.knowledge.retrieval.Filters;
import org.reimagen.knowledge.retrieval.Neighbor;
import org.reimagen.knowledge.retrieval.Query;
import org.reimagen.knowledge.retrieval.Retriever;

/**
 * A model with its knowledge base: a prompt retrieves neighbours, and a new picture is drawn while attending to them.
 *
 * <p>Same request, same pictures, at any batch size. <b>Thread-safety</b>: one request at a time. <b>Owns</b>: the network
 * and the text encoder; the knowledge base stays the caller's. <b>Source</b>: Re-Imagen, arXiv 2209.14491.
 */
public final class ReImagen implements AutoCloseable {
    /** Neighbours that score less than this share of the best are left out: they answer another question. */
    private static final double MIN_RELATIVE_SCORE = 0.45;

    private final String name;
    private final String modelHash;
    private final StageConfig config;
    private final UNet net;
    private final TextEncoder encoder;
    private final KnowledgeBase base;
    private final Retriever retriever;
    private final Set<String> styles;
    private final String knowledgeHash;

    private ReImagen(Path folder, KnowledgeBase base, TextEncoder encoder) {
        ModelFolder model = new ModelFolder(folder);
        this.name = String.valueOf(folder.getFileName());
        this.config = model.baseConfig();
        if (!config.textEncoder().equals(encoder.name())) {
            throw new ReImagenException("%s: was trained with the text encoder %s, not %s"
                    .formatted(folder, config.textEncoder(), encoder.name()));
        }
        this.net = model.loadBase();
        Weights.channelsLast(net);
        this.modelHash = model.baseHash();
        this.encoder = new CachingTextEncoder(encoder, 1024);
        this.base = base;
        this.retriever = new Bm25Retriever(base);
        this.styles = base.styles();
        this.knowledgeHash = base.hash();
    }

    /**
     * Opens a model with the built-in text encoder.
     *
     * @param model folder as {@link ModelFolder} describes it
     * @throws ReImagenException naming the file or field at fault
     */
    public static ReImagen open(Path model, KnowledgeBase base) {
        return open(model, base, OnnxTextEncoder.builtIn());
    }

    /** As {@link #open(Path, KnowledgeBase)}, with the text encoder that the model was trained with. */
    public static ReImagen open(Path model, KnowledgeBase base, TextEncoder encoder) {
        try {
            return new ReImagen(model, base, encoder);
        } catch (ReImagenException e) {
            encoder.close();
            throw e;
        }
    }

    /** Side of the pictures in pixels. */
    public int resolution() {
        return config.resolution();
    }

    /** Billions of floating-point operations of one evaluation of the network for one picture. */
    public double forwardGflop() {
        return new Flops(config.unet(), config.resolution()).forward() / 1e9;
    }

    /**
     * Draws what the request names.
     *
     * @throws java.util.concurrent.CancellationException when the request's listener stops the run
     */
    public GenerationResult generate(GenerationRequest request) {
        Map<String, Long> millis = new LinkedHashMap<>();
        long start = System.nanoTime();
        List<Neighbor> neighbors = retrieve(request);
        lap(millis, "retrieve", start);
        long[] seeds = LongStream.range(0, request.numImagesPerPrompt())
                .map(i -> request.seed() + i)
                .toArray();
        List<Pair> pairs = neighbors.stream().map(Neighbor::pair).toList();
        List<BufferedImage> images = draw(request, pairs, seeds, millis);
        return new GenerationResult(
                request,
                images,
                Arrays.stream(seeds).boxed().toList(),
                neighbors,
                name,
                modelHash,
                knowledgeHash,
                millis);
    }

    private static void lap(Map<String, Long> millis, String stage, long start) {
        millis.put(stage, (System.nanoTime() - start) / 1_000_000);
    }

    /** The neighbours that {@link #generate} would use: the prompt's subject is looked up, its style is not. */
    public List<Neighbor> retrieve(GenerationRequest request) {
        PromptReading reading = PromptReading.of(request.prompt(), styles);
        Filters filters = request.filters();
        if (!request.sameStyle()) {
            Set<String> excluded = new java.util.HashSet<>(filters.excludedStyles());
            excluded.addAll(reading.family(styles));
            filters = new Filters(filters.styles(), filters.licences(), filters.entities(), excluded);
        }
        List<Neighbor> found =
                retriever.retrieve(Query.of(reading.subject(), request.knn()).filtered(filters));
        double least = found.isEmpty() ? 0 : found.getFirst().score() * MIN_RELATIVE_SCORE;
        return found.stream().filter(n -> n.score() >= least).toList();
    }

    private List<BufferedImage> draw(
            GenerationRequest request, List<Pair> pairs, long[] seeds, Map<String, Long> millis) {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard();
                var _ = Autocast.bfloat16()) {
            long start = System.nanoTime();
            UNetModel model = new UNetModel(net, condition(request.prompt(), pairs, seeds.length));
            lap(millis, "encode", start);
            start = System.nanoTime();
            Sampling sampling = new Sampling(model, sampling(request));
            Tensor pixels = sampling.run(seeds, config.resolution(), request.listener());
            lap(millis, "sample", start);
            return images(Ops.toFloats(pixels), seeds.length);
        }
    }

    private static SamplingConfig sampling(GenerationRequest request) {
        GenerationRequest.GuidanceWeights weights = request.guidance();
        return SamplingConfig.standard(
                request.numInferenceSteps(),
                new Guidance.Interleaved(
                        weights.text(), weights.neighbor(), weights.ratio(), Guidance.Interval.full()));
    }

    private Conditioning condition(String prompt, List<Pair> pairs, int batch) {
        List<EncodedText> captions =
                pairs.stream().map(p -> encoder.encode(p.caption())).toList();
        int size = config.resolution();
        float[] pixels = new float[pairs.size() * 3 * size * size];
        for (int i = 0; i < pairs.size(); i++) {
            BufferedImage picture = Pictures.on(Color.WHITE, base.picture(pairs.get(i), size));
            System.arraycopy(Pictures.toChw(picture), 0, pixels, i * 3 * size * size, 3 * size * size);
        }
        // The network needs one neighbour to give its features a shape; with none, a blank one is encoded and not read.
        boolean none = pairs.isEmpty();
        Tensor pictures = none
                ? org.bytedeco.pytorch.global.torch.zeros(1, 3, size, size)
                : Ops.floats(pixels, pairs.size(), 3, size, size);
        TextInput neighborText = text(none ? List.of(encoder.encode(prompt)) : captions);
        NeighborFeatures features = net.encodeNeighbors(Ops.channelsLast(pictures), neighborText);
        NeighborInput neighbors = NeighborInput.inOrder(features, 1, pairs.size());
        return net.condition(text(List.of(encoder.encode(prompt))), neighbors).tile(batch);
    }

    private static TextInput text(List<EncodedText> texts) {
        List<float[]> states = texts.stream().map(EncodedText::states).toList();
        List<float[]> pooled = texts.stream().map(EncodedText::pooled).toList();
        return TextInput.pad(states, pooled, texts.getFirst().dim());
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
        encoder.close();
    }
}
