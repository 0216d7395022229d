package org.reimagen.train;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.DualEncoderStageConfig;
import org.reimagen.core.checkpoint.Stage;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.tensor.Precision;
import org.reimagen.train.optim.LrSchedule;
import org.reimagen.train.optim.Optimizers;

/**
 * Everything that decides a training run; saved whole inside every checkpoint.
 *
 * @param stage the network and what it draws
 * @param data which data, seed and batches
 * @param optimization how it learns
 * @param knowledgeBase hash of the knowledge base that the training set was made from
 */
public record TrainingConfig(
        @JsonTypeInfo(use = JsonTypeInfo.Id.DEDUCTION)
        @JsonSubTypes({
            @JsonSubTypes.Type(StageConfig.class),
            @JsonSubTypes.Type(SuperResolutionStageConfig.class),
            @JsonSubTypes.Type(DualEncoderStageConfig.class)
        })
        Stage stage,

        Data data,
        Optimization optimization,
        String knowledgeBase) {
    /**
     * What each step learns from.
     *
     * @param seed of the whole run
     * @param batchSize targets a step, a multiple of 4
     * @param smallSteps first steps at half the resolution
     * @param emphasis on which noise levels, and on what besides the mean square; for the 64×64 stage
     */
    public record Data(long seed, int batchSize, long smallSteps, Emphasis emphasis) {
        /** As a checkpoint says; one from before there was an emphasis has none. */
        @JsonCreator
        static Data read(
                @JsonProperty("seed") long seed,
                @JsonProperty("batchSize") int batchSize,
                @JsonProperty("smallSteps") long smallSteps,
                @JsonProperty("emphasis") @Nullable Emphasis emphasis) {
            return new Data(seed, batchSize, smallSteps, emphasis == null ? Emphasis.NONE : emphasis);
        }

        /** Every noise level alike, by the mean square alone. */
        public Data(long seed, int batchSize, long smallSteps) {
            this(seed, batchSize, smallSteps, Emphasis.NONE);
        }

        /** @throws ReImagenException naming the field that does not fit */
        public Data {
            if (batchSize < 4 || batchSize % 4 != 0) {
                throw new ReImagenException("train_batch_size must be a positive multiple of 4, was " + batchSize);
            }
        }
    }

    /**
     * What the 64×64 stage learns most. Times are {@code toTime} · u^{@code timePower}, u uniform in (0,1).
     *
     * @param timePower above 0; above 1 for more times of low noise, below for more of high
     * @param toTime latest time, in (0,1]
     * @param flat weight, at least 0, of areas as flat as the true ones ({@link VLoss#unevenness}) beside the mean square
     */
    public record Emphasis(double timePower, double toTime, double flat) {
        /** Every noise level alike, by the mean square alone. */
        public static final Emphasis NONE = new Emphasis(1, 1, 0);

        /** @throws ReImagenException naming the field that does not fit */
        public Emphasis {
            if (!(timePower > 0 && timePower <= 10)) {
                throw new ReImagenException("time_power must be above 0 and at most 10, was " + timePower);
            }
            if (!(toTime > 0 && toTime <= 1)) {
                throw new ReImagenException("to_time must be above 0 and at most 1, was " + toTime);
            }
            if (!(flat >= 0 && flat <= 100)) {
                throw new ReImagenException("flat must be 0 to 100, was " + flat);
            }
        }
    }

    /**
     * How the weights change.
     *
     * @param optimizer update rule
     * @param learningRate largest rate
     * @param schedule its course
     * @param warmUpSteps steps until it is reached
     * @param maxSteps steps of the whole run
     * @param maxGradNorm joint norm that gradients are clipped to
     * @param weightDecay decoupled
     * @param emaDecay limit of the averages' decay
     * @param bfloat16 whether convolutions and linear layers run in bfloat16
     */
    public record Optimization(
            Optimizers optimizer,
            double learningRate,
            LrSchedule schedule,
            long warmUpSteps,
            long maxSteps,
            double maxGradNorm,
            double weightDecay,
            double emaDecay,
            boolean bfloat16) {
        /** @throws ReImagenException naming the field that does not fit */
        public Optimization {
            if (!(learningRate > 0 && learningRate < 1)) {
                throw new ReImagenException("learning_rate must lie between 0 and 1, was " + learningRate);
            }
            if (maxSteps < 1 || warmUpSteps < 0) {
                throw new ReImagenException("max_train_steps must be positive and lr_warmup_steps not negative");
            }
        }

        /** The recipe of the default model. */
        public static Optimization standard(long maxSteps) {
            return new Optimization(
                    Optimizers.MUON,
                    1.5e-3,
                    LrSchedule.CONSTANT_THEN_DECAY,
                    100,
                    maxSteps,
                    1,
                    0.01,
                    0.998,
                    Precision.bfloat16IsFast());
        }
    }
}
