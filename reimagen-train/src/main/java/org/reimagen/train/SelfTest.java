package org.reimagen.train;

import java.util.function.BiConsumer;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.core.tensor.Precision;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.train.data.KnnDataset;
import org.reimagen.train.optim.LrSchedule;
import org.reimagen.train.optim.Optimizers;

/**
 * Overfits eight pictures and says whether training works: the answer to "my samples are noise".
 *
 * <p>The same two groups are dealt at every step, at half the resolution; a network that learns brings the loss of
 * v-prediction far below the variance of its target.
 */
public final class SelfTest {
    /** Loss below which training works; an untrained network has about 1. */
    public static final double PASS = 0.15;

    private final KnnDataset dataset;
    private final TextEncoder encoder;

    /** A test on pictures of {@code dataset}. */
    public SelfTest(KnnDataset dataset, TextEncoder encoder) {
        this.dataset = dataset;
        this.encoder = encoder;
    }

    /**
     * Runs it.
     *
     * @param steps at most this many
     * @param progress told step and mean loss every ten steps
     * @return the mean loss of the last ten steps
     */
    public double run(int steps, BiConsumer<Integer, Double> progress) {
        StageConfig stage =
                new StageConfig(UNetConfig.small().withTextDim(encoder.dim()), dataset.size(), encoder.name());
        TrainingConfig config = new TrainingConfig(
                stage,
                new TrainingConfig.Data(1, 8, Long.MAX_VALUE),
                new TrainingConfig.Optimization(
                        Optimizers.MUON,
                        3e-3,
                        LrSchedule.CONSTANT_THEN_DECAY,
                        10,
                        Math.max(1, steps),
                        1,
                        0,
                        0.9,
                        Precision.bfloat16IsFast()),
                dataset.knowledgeHash());
        double mean = 1;
        try (Trainer trainer = new Trainer(config, dataset.repeating(1), encoder, new SilentListener())) {
            for (int step = 0; step < steps; step += 10) {
                mean = 0;
                for (int i = 0; i < 10; i++) {
                    mean += trainer.trainStep() / 10;
                }
                progress.accept(step + 10, mean);
            }
        }
        return mean;
    }
}
