package org.reimagen.pipeline;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.diffusion.Guidance;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.encoder.CachingTextEncoder;
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
    private final BaseStage stage;
    private final TextEncoder encoder;
    private final KnowledgeBase base;
    private final Retriever retriever;
    private final Set<String> styles;
    private final String knowledgeHash;

    private ReImagen(Path folder, KnowledgeBase base, TextEncoder encoder) {
        ModelFolder model = new ModelFolder(folder);
        this.name = String.valueOf(folder.getFileName());
        this.encoder = new CachingTextEncoder(encoder, 1024);
        this.stage = BaseStage.load(model, this.encoder);
        this.modelHash = model.baseHash();
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
        return stage.resolution();
    }

    /** Billions of floating-point operations of one evaluation of the network for one picture. */
    public double forwardGflop() {
        return stage.forwardGflop();
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
        List<BaseStage.Reference> references =
                pairs.stream().map(this::reference).toList();
        List<BaseStage.Scene> scenes = Arrays.stream(seeds)
                .mapToObj(seed -> new BaseStage.Scene(request.prompt(), references, seed))
                .toList();
        BaseStage.Drawn drawn = stage.draw(scenes, sampling(request), request.listener());
        millis.put("encode", drawn.encodeMillis());
        millis.put("sample", drawn.sampleMillis());
        return drawn.images();
    }

    private BaseStage.Reference reference(Pair pair) {
        return new BaseStage.Reference(
                Pictures.on(Color.WHITE, base.picture(pair, stage.resolution())), pair.caption());
    }

    private static SamplingConfig sampling(GenerationRequest request) {
        GenerationRequest.GuidanceWeights weights = request.guidance();
        return SamplingConfig.standard(
                request.numInferenceSteps(),
                new Guidance.Interleaved(
                        weights.text(), weights.neighbor(), weights.ratio(), Guidance.Interval.full()));
    }

    @Override
    public void close() {
        stage.close();
        encoder.close();
    }
}
