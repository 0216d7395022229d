package org.reimagen.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.tensor.Alone;
import org.reimagen.core.tensor.EngineThread;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.encoder.CachingTextEncoder;
import org.reimagen.knowledge.encoder.Embedder;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.knowledge.retrieval.Bm25Retriever;
import org.reimagen.knowledge.retrieval.Neighbor;
import org.reimagen.knowledge.retrieval.Retriever;
import org.reimagen.knowledge.retrieval.Retrievers;

/**
 * A model with its knowledge base: a prompt retrieves neighbours, and a new picture is drawn while attending to them.
 *
 * <p>Same request, same pictures, at any batch size. <b>Thread-safety</b>: one request at a time, from any
 * thread; models are loaded and draw on the {@link EngineThread}. <b>Owns</b>: the network,
 * the text encoder and a dual encoder in use; the knowledge base stays the caller's. <b>Source</b>: Re-Imagen, arXiv 2209.14491.
 */
public final class ReImagen implements AutoCloseable {
    /** The stages after the first, by the side of their pictures. */
    private static final List<Integer> RESOLUTIONS = List.of(256, 1024);

    private final BaseStage stage;
    private final List<SuperResolutionStage> superResolution = new ArrayList<>();
    private final TextEncoder encoder;
    private final KnowledgeBase base;
    private final ReferenceFinder finder;
    private final Batch.Origin origin;
    private final Batch.Cascade cascade;
    private Vectors vectors;
    private List<Embedder> searched = List.of();

    private ReImagen(ModelFolder model, KnowledgeBase base, TextEncoder encoder, Batch.Origin origin) {
        this.encoder = new CachingTextEncoder(encoder, 1024);
        this.stage = BaseStage.load(model, this.encoder);
        loadSuperResolution(model);
        this.base = base;
        this.vectors = new Vectors(this.encoder, null);
        this.finder = new ReferenceFinder(base, new Bm25Retriever(base));
        this.origin = origin;
        this.cascade = new Batch.Cascade(stage, superResolution, finder, origin);
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
        ModelFolder folder = new ModelFolder(model);
        Batch.Origin origin = new Batch.Origin(
                String.valueOf(model.getFileName()),
                Meanwhile.begin("model hash", () -> ModelHash.of(folder)),
                Meanwhile.begin("knowledge hash", base::hash));
        try {
            return EngineThread.call(() -> {
                try (var _ = new Alone()) {
                    return new ReImagen(folder, base, encoder, origin);
                }
            });
        } catch (RuntimeException e) {
            origin.settle();
            encoder.close();
            throw e;
        }
    }

    /** As {@link #open(Path, KnowledgeBase, TextEncoder)}, with an encoder that is opened while the networks are loaded. */
    public static ReImagen open(Path model, KnowledgeBase base, Supplier<TextEncoder> encoder) {
        return open(model, base, new OpeningTextEncoder(encoder));
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

    /** What one picture of {@code request} takes, by the side of each stage's pictures. */
    public SequencedMap<Integer, BaseStage.Work> work(GenerationRequest request) {
        SequencedMap<Integer, BaseStage.Work> work = new LinkedHashMap<>();
        work.put(stage.resolution(), stage.work(request.sampling(), stage.candidates(request)));
        int tokens = encoder.encode(request.prompt()).tokens();
        superResolution.forEach(
                s -> work.put(s.resolution(), s.work(request.upscaling().options(), tokens, request.knn())));
        return work;
    }

    /**
     * Draws what the request names. The request's listener is called on the {@link EngineThread}.
     *
     * @throws java.util.concurrent.CancellationException when the request's listener stops the run
     */
    public GenerationResult generate(GenerationRequest request) {
        Batch.Alone alone = new Batch.Alone();
        generate(List.of(request), alone);
        return alone.get();
    }

    /**
     * Draws several requests, the first stage in one batch. Each gives the pictures that it gives alone, hears of its own steps,
     * and may stop or fail by itself; its times of {@code encode} and {@code sample} are the batch's. The listeners are called on the
     * {@link EngineThread}.
     *
     * @param requests at least one, all of which {@linkplain GenerationRequest#drawsWith draw with} the first
     */
    public void generate(List<GenerationRequest> requests, ResultListener listener) {
        EngineThread.run(() -> new Batch(cascade, requests, listener).draw());
    }

    /** Looks things up with another retriever from now on; BM25 is what it starts with. */
    public void use(Retrievers kind) {
        use(kind, null);
    }

    /**
     * As {@link #use(Retrievers)}, in the vectors of a dual encoder.
     *
     * @param clip its folder, as {@link Vectors#open} takes it; none for the vectors of captions and outlines
     * @throws org.reimagen.knowledge.KnowledgeException if pairs of the base lack those vectors; nothing is then changed
     */
    public void use(Retrievers kind, @Nullable Path clip) {
        Vectors opened = Vectors.open(clip, encoder);
        try {
            finder.use(opened.retriever(kind, base));
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
        vectors.close();
        vectors = opened;
        searched = kind == Retrievers.BM25 ? List.of() : opened.embedders();
    }

    /** What a pair must be embedded with to be found: nothing where words alone are looked up. They stay the model's. */
    public List<Embedder> embedders() {
        return searched;
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

    @Override
    public void close() {
        origin.settle();
        stage.close();
        superResolution.forEach(SuperResolutionStage::close);
        vectors.close();
        encoder.close();
    }
}
