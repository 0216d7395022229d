package org.reimagen.train;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.model.Flops;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.knowledge.encoder.CachingTextEncoder;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.train.data.KnnDataset;

/** Times training steps: forward, backward, optimiser and averages, with data and text and without. */
public final class TrainingBench {
    private static final int WARM_UP = 3;
    private static final int STEPS = 9;
    private static final int BATCH = 32;

    private TrainingBench() {}

    /**
     * What was measured; the rates are those of the median step.
     *
     * @param imagesPerSecond of whole steps
     * @param fromMemory images a second of steps whose batch was dealt and its texts encoded before, as {@code golden/bench_reference.py} times PyTorch's
     * @param gflop billions of floating-point operations that one image takes: the network and its own encoding as a neighbour, back twice as
     *     much as forth; what it reads of text and neighbours is not counted ({@link Flops})
     */
    public record Figures(
            double imagesPerSecond, double fromMemory, double gflop, int side, int steps, int batchSize) {}

    /** Trains the default network from scratch for a dozen steps each way on the set in {@code dataset}. */
    public static Figures run(Path dataset) {
        KnnDataset data = KnnDataset.open(dataset);
        try (TextEncoder encoder = new CachingTextEncoder(OnnxTextEncoder.builtIn(), 4096)) {
            TrainingConfig config = new TrainingConfig(
                    new StageConfig(UNetConfig.small(), data.size(), encoder.name()),
                    new TrainingConfig.Data(0, BATCH, 0),
                    TrainingConfig.Optimization.standard(1000),
                    data.knowledgeHash());
            double whole = imagesPerSecond(config, training(config, data, encoder));
            double fromMemory = imagesPerSecond(config, new FromMemory(training(config, data, encoder)));
            return new Figures(whole, fromMemory, gflop(data.size()), data.size(), STEPS, BATCH);
        }
    }

    private static double gflop(int side) {
        Flops flops = new Flops(UNetConfig.small(), side);
        return 3 * (flops.forward() + flops.encoding()) / 1e9;
    }

    private static StageTraining training(TrainingConfig config, KnnDataset data, TextEncoder encoder) {
        return new BaseTraining((StageConfig) config.stage(), config.data(), data, encoder);
    }

    private static double imagesPerSecond(TrainingConfig config, StageTraining training) {
        double[] seconds = new double[STEPS];
        try (Trainer trainer = new Trainer(config, training, new SilentListener())) {
            for (int i = -WARM_UP; i < STEPS; i++) {
                long start = System.nanoTime();
                trainer.trainStep();
                seconds[Math.max(0, i)] = (System.nanoTime() - start) / 1e9;
            }
        }
        Arrays.sort(seconds);
        return BATCH / seconds[STEPS / 2];
    }

    /** A stage that is shown its first batch at every step. */
    private static final class FromMemory implements StageTraining {
        private final StageTraining stage;
        private final Batch first;

        FromMemory(StageTraining stage) {
            this.stage = stage;
            this.first = stage.deal(0);
        }

        @Override
        public Module network() {
            return stage.network();
        }

        @Override
        public void startFrom(ModelFolder model) {
            stage.startFrom(model);
        }

        @Override
        public Batch deal(long step) {
            return first;
        }

        @Override
        public BufferedImage samples(Map<String, Tensor> averages) {
            return stage.samples(averages);
        }

        @Override
        public void publish(Path folder, Map<String, Tensor> averages, Map<String, String> metadata) {
            stage.publish(folder, averages, metadata);
        }
    }
}
