package org.reimagen.pipeline;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.diffusion.Guidance;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.encoder.CachingTextEncoder;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.knowledge.retrieval.Bm25Retriever;
import org.reimagen.knowledge.retrieval.Neighbor;
import org.reimagen.knowledge.retrieval.Retriever;
import org.reimagen.knowledge.retrieval.Retrievers;

/**
 * A model with its knowledge base: a prompt retrieves neighbours, and a new picture is drawn while attending to them.
 *
 * <p>Same request, same pictures, at any batch size. <b>Thread-safety</b>: one request at a time. <b>Owns</b>: the network
 * and the text encoder; the knowledge base stays the caller's. <b>Source</b>: Re-Imagen, arXiv 2209.14491.
 */
public final class ReImagen implements AutoCloseable {
    /** The stages after the first, by the side of their pictures. */
    private static final List<Integer> RESOLUTIONS = List.of(256, 1024);

    private final String name;
    private final String modelHash;
    private final BaseStage stage;
    private final List<SuperResolutionStage> superResolution = new ArrayList<>();
    private final TextEncoder encoder;
    private final KnowledgeBase base;
    private final ReferenceFinder finder;
    private final String knowledgeHash;

    private ReImagen(Path folder, KnowledgeBase base, TextEncoder encoder) {
        ModelFolder model = new ModelFolder(folder);
        this.name = String.valueOf(folder.getFileName());
        this.encoder = new CachingTextEncoder(encoder, 1024);
        this.stage = BaseStage.load(model, this.encoder);
        loadSuperResolution(model);
        this.modelHash = model.baseHash();
        this.base = base;
        this.finder = new ReferenceFinder(base, new Bm25Retriever(base));
        this.knowledgeHash = base.hash();
    }

    /** Loads the later stages in order, and ends at the first that is not trained. */
    private void loadSuperResolution(ModelFolder model) {
        int low = stage.resolution();
        for (int resolution : RESOLUTIONS) {
            Optional<SuperResolutionStageConfig> next = model.superResolutionConfig(resolution);
            if (next.isEmpty() || next.get().lowResolution() != low) {
                return;
            }
            superResolution.add(SuperResolutionStage.load(model, next.get(), encoder));
            low = resolution;
        }
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

    /** Side of the first stage's pictures in pixels. */
    public int baseResolution() {
        return stage.resolution();
    }

    /** Side of the largest pictures that the model draws, in pixels. */
    public int resolution() {
        return superResolution.isEmpty()
                ? stage.resolution()
                : superResolution.getLast().resolution();
    }

    /** Billions of floating-point operations of one evaluation for one picture, by the side of each stage's pictures. */
    public SequencedMap<Integer, Double> forwardGflop() {
        SequencedMap<Integer, Double> gflop = new LinkedHashMap<>();
        gflop.put(stage.resolution(), stage.forwardGflop());
        superResolution.forEach(s -> gflop.put(s.resolution(), s.forwardGflop()));
        return gflop;
    }

    /**
     * Draws what the request names.
     *
     * @throws java.util.concurrent.CancellationException when the request's listener stops the run
     */
    public GenerationResult generate(GenerationRequest request) {
        Map<String, Long> millis = new LinkedHashMap<>();
        long start = System.nanoTime();
        List<Neighbor> neighbors = retrieve(request).stream()
                .filter(n -> request.references().weight(n.pair().id()) > 0)
                .toList();
        lap(millis, "retrieve", start);
        long[] seeds = LongStream.range(0, request.numImagesPerPrompt())
                .map(i -> request.seed() + i)
                .toArray();
        List<BaseStage.Reference> references = finder.read(neighbors, request.references(), stage.resolution());
        SequencedMap<Integer, List<BufferedImage>> pictures = new LinkedHashMap<>();
        pictures.put(stage.resolution(), draw(request, references, seeds, millis));
        enlarge(request, neighbors, seeds, pictures, millis);
        return new GenerationResult(
                request,
                pictures.lastEntry().getValue(),
                pictures,
                copyScores(pictures.firstEntry().getValue(), references),
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

    /** Looks things up with another retriever from now on; BM25 is what it starts with. */
    public void use(Retrievers kind) {
        finder.use(kind.over(base, encoder));
    }

    /** Wraps the retriever in use, such as to look up each thing that a prompt names by itself. */
    public void wrap(UnaryOperator<Retriever> around) {
        finder.wrap(around);
    }

    /**
     * The neighbours that {@link #generate} would read, those of weight 0 among them: the pinned ones, then the nearest to the
     * prompt's subject. Its style is not looked up.
     *
     * <p><b>Thread-safety</b>: may be called while another thread generates.
     *
     * @throws ReImagenException naming a pinned pair that the knowledge base lacks
     */
    public List<Neighbor> retrieve(GenerationRequest request) {
        return finder.find(request);
    }

    private List<BufferedImage> draw(
            GenerationRequest request, List<BaseStage.Reference> references, long[] seeds, Map<String, Long> millis) {
        List<BaseStage.Scene> scenes = Arrays.stream(seeds)
                .mapToObj(seed -> new BaseStage.Scene(request.prompt(), request.negativePrompt(), references, seed))
                .toList();
        BaseStage.Drawn drawn = stage.draw(scenes, sampling(request), request.listener());
        millis.put("encode", drawn.encodeMillis());
        millis.put("sample", drawn.sampleMillis());
        return drawn.images();
    }

    /** Draws the later stages, as far as the request asks and the model goes. */
    private void enlarge(
            GenerationRequest request,
            List<Neighbor> neighbors,
            long[] seeds,
            SequencedMap<Integer, List<BufferedImage>> pictures,
            Map<String, Long> millis) {
        int asked = request.upscaling().resolution();
        for (SuperResolutionStage next : superResolution) {
            if (asked != 0 && next.resolution() > asked) {
                return;
            }
            long start = System.nanoTime();
            List<BufferedImage> low = pictures.lastEntry().getValue();
            StageGuide guide = guide(next, request, neighbors);
            pictures.put(
                    next.resolution(),
                    next.enlarge(low, guide, seeds, request.upscaling().options(), request.listener()));
            lap(millis, "sr" + next.resolution(), start);
        }
    }

    private StageGuide guide(SuperResolutionStage next, GenerationRequest request, List<Neighbor> neighbors) {
        int side = next.neighborResolution();
        return new StageGuide(
                request.prompt(), side == 0 ? List.of() : finder.read(neighbors, request.references(), side));
    }

    private static List<Double> copyScores(List<BufferedImage> images, List<BaseStage.Reference> references) {
        return images.stream()
                .map(image -> references.stream()
                        .mapToDouble(r -> CopyScore.of(image, r.picture()))
                        .max()
                        .orElse(0))
                .toList();
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
        superResolution.forEach(SuperResolutionStage::close);
        encoder.close();
    }
}
