package org.reimagen.eval;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.pipeline.ProgressListener;
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
        List<SuperResolutionStage> stages = new ArrayList<>();
        for (int resolution : RESOLUTIONS.stream().filter(r -> r <= last).toList()) {
            Optional<SuperResolutionStageConfig> config = model.superResolutionConfig(resolution);
            if (config.isEmpty()) {
                stages.forEach(SuperResolutionStage::close);
                throw new ReImagenException(
                        "%s: has no trained super-resolution stage to %d".formatted(model.folder(), resolution));
            }
            stages.add(SuperResolutionStage.load(model, config.get()));
        }
        if (stages.isEmpty()) {
            throw new ReImagenException("resolution must be 256 or 1024, was " + last);
        }
        return new LaterStages(stages, options);
    }

    /** The picture of every stage by its side in pixels, drawn one from the other. */
    public SequencedMap<Integer, BufferedImage> enlarge(BufferedImage small, long seed) {
        SequencedMap<Integer, BufferedImage> pictures = new LinkedHashMap<>();
        BufferedImage drawn = small;
        for (SuperResolutionStage stage : stages) {
            drawn = stage.enlarge(drawn, seed, options, ProgressListener.NONE);
            pictures.put(stage.resolution(), drawn);
        }
        return pictures;
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
