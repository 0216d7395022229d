package org.reimagen.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.ConditionsConfig;
import org.reimagen.core.model.SuperResolutionConfig;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.train.data.CropDataset;
import org.reimagen.train.data.CropSetBuilder;
import org.reimagen.train.data.GuidedCrops;
import org.reimagen.train.optim.LrSchedule;
import org.reimagen.train.optim.Optimizers;

/** Training of a super-resolution stage that reads captions and neighbours, on a tiny network and twenty drawn pictures. */
class GuidedSuperResolutionTest {
    private static final SuperResolutionConfig PLAIN = SuperResolutionConfig.tiny();
    private static final SuperResolutionStageConfig STAGE =
            new SuperResolutionStageConfig(PLAIN.reading(new ConditionsConfig(12, 4, 2, 64)), 16, 64);
    private static CropDataset dataset;

    @TempDir
    static Path folder = Path.of("");

    @BeforeAll
    static void makeData() {
        torch.set_num_threads(1);
        Path kb = folder.resolve("kb");
        TrainingTest.drawTwenty(kb);
        try (KnowledgeBase base = KnowledgeBase.open(kb)) {
            CropSetBuilder builder = new CropSetBuilder(base);
            assertThat(builder.build(folder.resolve("set"), new CropSetBuilder.Plan(64, 64, 100, 1), n -> {}))
                    .isEqualTo(20);
            builder.build(folder.resolve("parts"), new CropSetBuilder.Plan(64, 32, 100, 1), n -> {});
        }
        dataset = CropDataset.open(folder.resolve("set"));
    }

    private static SuperResolutionTraining training(SuperResolutionStageConfig stage) {
        return new SuperResolutionTraining(
                stage, new TrainingConfig.Data(3, 8, 0), dataset, 32, new TrainingTest.WordEncoder());
    }

    private static Trainer trainer(long maxSteps) {
        TrainingConfig config = new TrainingConfig(
                STAGE,
                new TrainingConfig.Data(3, 8, 0),
                new TrainingConfig.Optimization(
                        Optimizers.MUON, 4e-3, LrSchedule.CONSTANT, 2, maxSteps, 1, 0.01, 0.9, false),
                dataset.knowledgeHash());
        return new Trainer(config, training(STAGE), new TrainingTest.Recorder());
    }

    @Test
    void wholePicturesNameNeighboursAndPartsDoNot() {
        assertThat(dataset.namesNeighbors()).isTrue();
        assertThat(CropDataset.open(folder.resolve("parts")).namesNeighbors()).isFalse();
    }

    @Test
    void aCropLiesWhereItIsSaidToAndReadsOtherPicturesOfItsEntity() {
        int readers = 0;
        int silent = 0;
        for (int step = 0; step < 60; step++) {
            GuidedCrops batch = dataset.guided(1, step, 8, 32, 4, 2);
            assertThat(batch.captions()).hasSize(8).noneMatch(c -> c.contains("flamingo") || c.contains("rocket"));
            silent += (int) batch.dropText().stream().filter(d -> d).count();
            for (int i = 0; i < 8; i++) {
                assertThat(crop(batch, i)).as("crop %d of step %d", i, step).containsExactly(part(batch, i));
                for (int k = 0; k < 2; k++) {
                    if (batch.logWeights()[2 * i + k] == 0) {
                        readers++;
                        int other = (int) batch.index()[2 * i + k];
                        assertThat(other).isNotEqualTo(i);
                        assertThat(batch.captions().get(other))
                                .isNotEqualTo(batch.captions().get(i));
                    }
                }
            }
        }
        assertThat(readers).isGreaterThan(240);
        assertThat(silent).as("about a tenth of 480").isBetween(20, 90);
        GuidedCrops again = dataset.guided(1, 7, 8, 32, 4, 2);
        assertThat(again.crops().large())
                .containsExactly(dataset.guided(1, 7, 8, 32, 4, 2).crops().large());
        assertThat(dataset.guided(1, 7, 8, 32, 4, 0).index()).isEmpty();
    }

    private static float[] crop(GuidedCrops batch, int i) {
        return Arrays.copyOfRange(batch.crops().large(), i * 3 * 32 * 32, (i + 1) * 3 * 32 * 32);
    }

    private static float[] part(GuidedCrops batch, int i) {
        int left = Math.round(batch.places()[3 * i] * 64);
        int top = Math.round(batch.places()[3 * i + 1] * 64);
        assertThat(batch.places()[3 * i + 2]).isEqualTo(0.5f);
        float[] part = new float[3 * 32 * 32];
        for (int at = 0; at < part.length; at++) {
            int c = at / 1024;
            part[at] = batch.pictures().large()[((3 * i + c) * 64 + top + at % 1024 / 32) * 64 + left + at % 32];
        }
        return part;
    }

    @Test
    void resumeIsBitForBitAndThePublishedStageKnowsWhatItReads() {
        Path out = folder.resolve("resumed");
        try (Trainer whole = trainer(6);
                Trainer first = trainer(3);
                Trainer second = trainer(6)) {
            assertThat(whole.run(folder.resolve("whole"), 100)).isTrue();
            first.run(out, 3);
            assertThat(second.resume(out)).isTrue();
            assertThat(second.run(out, 100)).isTrue();
            Map<String, float[]> expected = TrainingTest.copy(whole.parameters());
            TrainingTest.copy(second.parameters())
                    .forEach((name, values) -> assertThat(values).as(name).containsExactly(expected.get(name)));
            assertThat(expected.get("text_attention.out.weight")).isNotEqualTo(new float[144]);
            assertThat(expected.get("neighbor_attention.out.weight")).isNotEqualTo(new float[144]);
            second.publish(folder.resolve("model"), Map.of());
        }
        ModelFolder model = new ModelFolder(folder.resolve("model"));
        assertThat(model.superResolutionConfig(64)).contains(STAGE);
        model.loadSuperResolution(STAGE).close();
    }

    @Test
    void aStageWithoutConditionsIsTheStartOfOneWithThem() {
        SuperResolutionStageConfig plain = new SuperResolutionStageConfig(PLAIN, 16, 64);
        SuperResolutionTraining before = training(plain);
        ModelFolder model = new ModelFolder(folder.resolve("plain"));
        before.publish(folder.resolve("plain"), Weights.named(before.network()), Map.of());
        assertThat(model.superResolutionConfig(64)).contains(plain);
        SuperResolutionTraining after = training(STAGE);
        after.startFrom(model);
        Map<String, float[]> started = TrainingTest.copy(Weights.named(after.network()));
        assertThat(started.get("text_attention.out.weight")).containsOnly(0);
        assertThat(started.get("neighbor_attention.out.weight")).containsOnly(0);
        Weights.named(model.loadSuperResolution(plain))
                .forEach((name, p) -> assertThat(started.get(name)).as(name).containsExactly(Ops.toFloats(p)));
        SuperResolutionTraining again = training(plain);
        after.publish(folder.resolve("read"), Weights.named(after.network()), Map.of());
        assertThatThrownBy(() -> again.startFrom(new ModelFolder(folder.resolve("read"))))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("text_attention");
    }

    @Test
    void neighboursOfAnotherSideAreRefused() {
        SuperResolutionStageConfig other =
                new SuperResolutionStageConfig(PLAIN.reading(new ConditionsConfig(12, 4, 2, 32)), 16, 64);
        assertThatThrownBy(() -> training(other))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("32")
                .hasMessageContaining("64");
    }
}
