package org.reimagen.train;

import java.nio.file.Path;
import java.util.Arrays;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.knowledge.encoder.CachingTextEncoder;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.train.data.KnnDataset;

/** Times whole training steps: data, forward, backward, optimiser and averages. */
public final class TrainingBench {
    private static final int WARM_UP = 3;
    private static final int STEPS = 9;
    private static final int BATCH = 32;

    private TrainingBench() {}

    /** What was measured; the rate is that of the median step. */
    public record Figures(double imagesPerSecond, int side, int steps, int batchSize) {}

    /** Trains the default network from scratch for a dozen steps on the set in {@code dataset}. */
    public static Figures run(Path dataset) {
        KnnDataset data = KnnDataset.open(dataset);
        try (TextEncoder encoder = new CachingTextEncoder(OnnxTextEncoder.builtIn(), 4096)) {
            TrainingConfig config = new TrainingConfig(
                    new StageConfig(UNetConfig.small(), data.size(), encoder.name()),
                    new TrainingConfig.Data(0, BATCH, 0),
                    TrainingConfig.Optimization.standard(1000),
                    data.knowledgeHash());
            double[] seconds = new double[STEPS];
            try (Trainer trainer = new Trainer(config, data, encoder, new SilentListener())) {
                for (int i = -WARM_UP; i < STEPS; i++) {
                    long start = System.nanoTime();
                    trainer.trainStep();
                    seconds[Math.max(0, i)] = (System.nanoTime() - start) / 1e9;
                }
            }
            Arrays.sort(seconds);
            return new Figures(BATCH / seconds[STEPS / 2], data.size(), STEPS, BATCH);
        }
    }
}
