package org.reimagen.train;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.reimagen.core.ReImagenException;

/**
 * How a model is to be adapted.
 *
 * @param initial model folder to start from
 * @param out model folder to make; what is needed to go on lies in {@code .finetune} inside it
 * @param stages stages to adapt; the others are taken over
 * @param minutes of training for all stages together, shared out among those that are adapted; unused if {@code maxSteps} is
 *     not 0
 * @param maxSteps steps of each stage, 0 to go by {@code minutes}
 * @param learning how each stage learns
 */
public record FineTuningPlan(
        Path initial, Path out, Set<Part> stages, double minutes, long maxSteps, Learning learning) {
    /** The stages of a cascade. */
    public enum Part {
        /** 64×64. */
        BASE(0, 0, 0.4),
        /** What draws at high noise in place of the base. */
        LAYOUT(0, 0, 0.25),
        /** To 256×256. */
        SR256(256, 128, 0.2),
        /** To 1024×1024. */
        SR1024(1024, 256, 0.15);

        private final int resolution;
        private final int crop;
        private final double share;

        Part(int resolution, int crop, double share) {
            this.resolution = resolution;
            this.crop = crop;
            this.share = share;
        }

        /** Its folder in a model. */
        public String folder() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Side of the pictures of a later stage; 0 for the first and its layout network, whose side the model says. */
        int resolution() {
            return resolution;
        }

        /** Side of the crops that a later stage learns from. */
        int crop() {
            return crop;
        }

        /** Share of the minutes when all stages are adapted. */
        double share() {
            return share;
        }
    }

    /**
     * How a stage learns.
     *
     * @param batchSize pictures a step, a multiple of 4
     * @param learningRate largest rate; lower than for training from scratch
     * @param seed of everything that is random
     * @param checkpointEvery steps between two checkpoints
     */
    public record Learning(int batchSize, double learningRate, long seed, long checkpointEvery) {
        /** 16 pictures a step at a third of the rate that the default model was trained with. */
        public static final Learning DEFAULT = new Learning(16, 5e-4, 0, 100);
    }

    /** @throws ReImagenException naming the field that does not fit */
    public FineTuningPlan {
        stages = Set.copyOf(stages);
        if (stages.isEmpty()) {
            throw new ReImagenException("stages must name at least one of base, layout, sr256, sr1024");
        }
        if (maxSteps < 0 || maxSteps > 10_000_000) {
            throw new ReImagenException("max_train_steps must be 1 to 10000000, was " + maxSteps);
        }
        if (maxSteps == 0 && !(minutes > 0 && minutes <= 100_000)) {
            throw new ReImagenException("minutes must be above 0 and at most 100000, was " + minutes);
        }
        if (learning.checkpointEvery() < 1) {
            throw new ReImagenException("checkpointing_steps must be at least 1, was " + learning.checkpointEvery());
        }
        if (initial.toAbsolutePath().normalize().equals(out.toAbsolutePath().normalize())) {
            throw new ReImagenException(out + ": a model cannot be adapted in its own folder");
        }
    }
}
