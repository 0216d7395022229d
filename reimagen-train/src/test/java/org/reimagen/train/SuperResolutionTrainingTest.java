package org.reimagen.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.SafeTensors;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.SuperResolutionConfig;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.train.data.CropBatch;
import org.reimagen.train.data.CropDataset;
import org.reimagen.train.data.CropSetBuilder;
import org.reimagen.train.optim.LrSchedule;
import org.reimagen.train.optim.Optimizers;

/** Crops, loop and resume of a super-resolution stage, on a tiny network and twenty drawn pictures. */
class SuperResolutionTrainingTest {
    private static final SuperResolutionStageConfig STAGE =
            new SuperResolutionStageConfig(SuperResolutionConfig.tiny(), 16, 64);
    private static CropDataset dataset;

    @TempDir
    static Path folder = Path.of("");

    @BeforeAll
    static void makeData() {
        torch.set_num_threads(1);
        Path kb = folder.resolve("kb");
        TrainingTest.drawTwenty(kb);
        try (KnowledgeBase base = KnowledgeBase.open(kb)) {
            assertThat(new CropSetBuilder(base)
                            .build(folder.resolve("set"), new CropSetBuilder.Plan(64, 32, 100, 1), n -> {}))
                    .isEqualTo(20);
        }
        dataset = CropDataset.open(folder.resolve("set"));
    }

    private static Trainer trainer(long maxSteps) {
        TrainingConfig config = new TrainingConfig(
                STAGE,
                new TrainingConfig.Data(3, 8, 0),
                new TrainingConfig.Optimization(
                        Optimizers.MUON, 4e-3, LrSchedule.CONSTANT, 2, maxSteps, 1, 0.01, 0.9, true),
                dataset.knowledgeHash());
        SuperResolutionTraining training =
                new SuperResolutionTraining(STAGE, config.data(), dataset, 16, new TrainingTest.WordEncoder());
        return new Trainer(config, training, new TrainingTest.Recorder());
    }

    @Test
    void noHeldOutPictureIsDealtAndTheSmallOneIsTheMeanOfTheLarge() {
        for (int step = 0; step < 50; step++) {
            assertThat(dataset.batch(1, step, 4, 16, 4).ids())
                    .noneMatch(id -> id.contains("flamingo") || id.contains("rocket"));
        }
        assertThat(dataset.heldOut(8, 4).ids()).allMatch(id -> id.contains("flamingo") || id.contains("rocket"));
        CropBatch batch = dataset.batch(1, 7, 2, 16, 4);
        float sum = 0;
        for (int y = 8; y < 12; y++) {
            for (int x = 4; x < 8; x++) {
                sum += batch.large()[(4 * 16 + y) * 16 + x];
            }
        }
        assertThat(batch.small()[(4 * 4 + 2) * 4 + 1]).isCloseTo(sum / 16, within(1e-5f));
        assertThat(dataset.batch(1, 7, 2, 16, 4).large()).containsExactly(batch.large());
    }

    @Test
    void resumeIsBitForBitAndThePublishedStageLoads() {
        Path out = folder.resolve("parts");
        try (Trainer whole = trainer(8);
                Trainer first = trainer(4);
                Trainer second = trainer(8)) {
            assertThat(whole.run(folder.resolve("whole"), 100)).isTrue();
            first.run(out, 2);
            assertThat(second.resume(out)).isTrue();
            assertThat(second.run(out, 100)).isTrue();
            Map<String, float[]> expected = TrainingTest.copy(whole.parameters());
            TrainingTest.copy(second.parameters())
                    .forEach((name, values) -> assertThat(values).as(name).containsExactly(expected.get(name)));
            second.publish(folder.resolve("model"), Map.of());
        }
        ModelFolder model = new ModelFolder(folder.resolve("model"));
        assertThat(model.superResolutionConfig(64)).contains(STAGE);
        model.loadSuperResolution(STAGE).close();
        assertThat(model.superResolutionConfig(256)).isEmpty();
        SuperResolutionTraining adapted = new SuperResolutionTraining(
                STAGE, new TrainingConfig.Data(9, 4, 0), dataset, 16, new TrainingTest.WordEncoder());
        adapted.startFrom(model);
        SafeTensors published = SafeTensors.open(model.weights("sr64"));
        Weights.named(adapted.network())
                .forEach((name, p) ->
                        assertThat(Ops.toFloats(p)).as(name).containsExactly(Ops.toFloats(published.tensor(name))));
    }

    @Test
    void learns() {
        double first = 0;
        double last = 0;
        try (Trainer trainer = trainer(240)) {
            for (int i = 0; i < 240; i++) {
                double value = trainer.trainStep();
                first += i < 16 ? value / 16 : 0;
                last += i >= 224 ? value / 16 : 0;
            }
        }
        assertThat(last).as("first %s", first).isLessThan(0.9 * first);
    }

    @Test
    void cropsOfAnotherResolutionAreRefused() {
        SuperResolutionStageConfig other = new SuperResolutionStageConfig(SuperResolutionConfig.tiny(), 32, 128);
        assertThatThrownBy(() -> new SuperResolutionTraining(
                        other, new TrainingConfig.Data(1, 4, 0), dataset, 16, new TrainingTest.WordEncoder()))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("64")
                .hasMessageContaining("128");
        assertThatThrownBy(() -> CropDataset.open(folder.resolve("kb")))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("dataset crops");
    }
}
