package org.reimagen.eval;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.BaseStage;
import org.reimagen.pipeline.ProgressListener;
import org.reimagen.pipeline.StageGuide;
import org.reimagen.pipeline.SuperResolutionStage;

/**
 * The stages of a cascade after the first, and how they are sampled. <b>Owns</b>: the stages.
 *
 * @param stages in their order
 * @param options of all of them
 */
public record LaterStages(List<SuperResolutionStage> stages, SuperResolutionStage.Options options)
        implements AutoCloseable {
    private static final List<Integer> RESOLUTIONS = List.of(256, 1024);

    /** The list is copied. */
    public LaterStages {
        stages = List.copyOf(stages);
    }

    /**
     * Loads the stages of a model up to a resolution.
     *
     * @throws ReImagenException if the model lacks one of them
     */
    public static LaterStages load(ModelFolder model, int last, SuperResolutionStage.Options options) {
        return load(model, last, options, null);
    }

    /**
     * As {@link #load(ModelFolder, int, SuperResolutionStage.Options)}.
     *
     * @param encoder reads prompts and captions for stages that read text, stays the caller's
     */
    public static LaterStages load(
            ModelFolder model, int last, SuperResolutionStage.Options options, @Nullable TextEncoder encoder) {
        List<SuperResolutionStage> stages = new ArrayList<>();
        for (int resolution : RESOLUTIONS.stream().filter(r -> r <= last).toList()) {
            Optional<SuperResolutionStageConfig> config = model.superResolutionConfig(resolution);
            if (config.isEmpty()) {
                stages.forEach(SuperResolutionStage::close);
                throw new ReImagenException(
                        "%s: has no trained super-resolution stage to %d".formatted(model.folder(), resolution));
            }
            stages.add(SuperResolutionStage.load(model, config.get(), encoder));
        }
        if (stages.isEmpty()) {
            throw new ReImagenException("resolution must be 256 or 1024, was " + last);
        }
        return new LaterStages(stages, options);
    }

    /** The picture of every stage by its side in pixels, drawn one from the other, without text or neighbours. */
    public SequencedMap<Integer, BufferedImage> enlarge(BufferedImage small, long seed) {
        return enlarge(small, seed, stage -> StageGuide.NONE);
    }

    /** As {@link #enlarge(BufferedImage, long)}, each stage reading what {@code guides} says. */
    public SequencedMap<Integer, BufferedImage> enlarge(
            BufferedImage small, long seed, Function<SuperResolutionStage, StageGuide> guides) {
        SequencedMap<Integer, BufferedImage> pictures = new LinkedHashMap<>();
        BufferedImage drawn = small;
        for (SuperResolutionStage stage : stages) {
            drawn = stage.enlarge(
                            List.of(drawn), guides.apply(stage), new long[] {seed}, options, ProgressListener.NONE)
                    .getFirst();
            pictures.put(stage.resolution(), drawn);
        }
        return pictures;
    }

    /** A guide of every stage: {@code prompt} and the first of {@code references} that the stage reads, at most {@code knn}. */
    static Function<SuperResolutionStage, StageGuide> guides(
            KnowledgeBase base, String prompt, List<Pair> references, int knn) {
        return stage -> new StageGuide(
                prompt,
                references.stream()
                        .limit(Math.min(knn, stage.neighbors()))
                        .map(p -> new BaseStage.Reference(
                                Pictures.on(Color.WHITE, base.picture(p, stage.neighborResolution())), p.caption()))
                        .toList());
    }

    /** Side of the last stage's pictures in pixels. */
    public int resolution() {
        return stages.getLast().resolution();
    }

    @Override
    public void close() {
        stages.forEach(SuperResolutionStage::close);
    }
}
