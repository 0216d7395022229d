package org.reimagen.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.SafeTensors;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.UNet;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.NewPair;
import org.reimagen.knowledge.encoder.EncodedText;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.train.data.DatasetBuilder;
import org.reimagen.train.data.Example;
import org.reimagen.train.data.GroupBatch;
import org.reimagen.train.data.KnnDataset;
import org.reimagen.train.data.Split;
import org.reimagen.train.optim.LrSchedule;
import org.reimagen.train.optim.Optimizers;

/** Data set, loop, resume and the NaN guard, on a tiny network and a dozen drawn pictures. */
class TrainingTest {
    static final List<String> STYLES = List.of("noto", "twemoji", "openmoji", "fxemoji");
    private static KnnDataset dataset;

    @TempDir
    static Path folder = Path.of("");

    /** Words as fixed vectors: deterministic and free. */
    static final class WordEncoder implements TextEncoder {
        @Override
        public EncodedText encode(String text) {
            String[] words = text.split("[ ,]+", -1);
            float[] states = new float[words.length * dim()];
            for (int i = 0; i < states.length; i++) {
                states[i] = (float) Math.sin(words[i / dim()].hashCode() * 0.001 + i % dim());
            }
            return new EncodedText(dim(), states, java.util.Arrays.copyOf(states, dim()));
        }

        @Override
        public int dim() {
            return 12;
        }

        @Override
        public String name() {
            return "words";
        }

        @Override
        public void close() {
            assertThat(dim()).isPositive();
        }
    }

    static class Recorder implements TrainingListener {
        final List<Long> skipped = new ArrayList<>();

        @Override
        public void onStep(Progress progress) {
            assertThat(progress.step()).isPositive();
        }

        @Override
        public void onSaved(Path checkpoint) {
            assertThat(checkpoint.resolve("state.safetensors")).exists();
        }

        @Override
        public void onSkipped(long step, String ids) {
            assertThat(ids).contains("/");
            skipped.add(step);
        }

        @Override
        public void onSamples(long step, BufferedImage sheet) {
            assertThat(sheet.getWidth()).isPositive();
        }
    }

    @BeforeAll
    static void makeData() {
        torch.set_num_threads(1);
        Path kb = folder.resolve("kb");
        drawTwenty(kb);
        try (KnowledgeBase base = KnowledgeBase.open(kb)) {
            DatasetBuilder.Summary summary = new DatasetBuilder(base).build(folder.resolve("set"), 32, n -> {});
            assertThat(summary).isEqualTo(new DatasetBuilder.Summary(20, 8, 5));
        }
        dataset = KnnDataset.open(folder.resolve("set"));
    }

    /** Makes a base of five entities in four styles. */
    static void drawTwenty(Path kb) {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(kb)) {
            for (String entity : List.of("ball", "box", "tree", "flamingo", "rocket")) {
                for (String style : STYLES) {
                    writer.add(pair(entity, style));
                }
            }
            writer.commit();
        }
    }

    static NewPair pair(String entity, String style) {
        int hash = (entity + style).hashCode() & 0xFFFFFF;
        int x = 4 + Math.floorMod(entity.hashCode(), 12);
        String svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\" width=\"32\" height=\"32\">"
                + "<circle cx=\"%d\" cy=\"%d\" r=\"%d\" fill=\"#%06x\"/><rect x=\"%d\" y=\"3\" width=\"9\" height=\"%d\" fill=\"#%06x\"/></svg>"
                        .formatted(x, 28 - x, 4 + hash % 7, hash, x + hash % 5, 5 + hash % 17, 0xFFFFFF - hash);
        return new NewPair(
                style + "/" + entity,
                new NewPair.Text(entity + ", " + style + " style", entity, entity, style, List.of(entity + "s")),
                new NewPair.Credit("CC0-1.0", "nobody", "drawn"),
                svg.getBytes(StandardCharsets.UTF_8));
    }

    private static TrainingConfig config(long maxSteps, Optimizers optimizer, boolean bfloat16) {
        return config(new StageConfig(UNetConfig.tiny(), 32, "words"), 4, maxSteps, optimizer, bfloat16);
    }

    private static TrainingConfig config(
            StageConfig stage, long smallSteps, long maxSteps, Optimizers optimizer, boolean bfloat16) {
        return new TrainingConfig(
                stage,
                new TrainingConfig.Data(3, 8, smallSteps),
                new TrainingConfig.Optimization(
                        optimizer, 2e-3, LrSchedule.CONSTANT, 2, maxSteps, 1, 0.01, 0.9, bfloat16),
                dataset.knowledgeHash());
    }

    private static Trainer trainer(TrainingConfig config) {
        return new Trainer(config, dataset, new WordEncoder(), new Recorder());
    }

    static Map<String, float[]> copy(Map<String, Tensor> tensors) {
        Map<String, float[]> copies = new TreeMap<>();
        tensors.forEach((name, t) -> copies.put(name, Ops.toFloats(t)));
        return copies;
    }

    @Test
    void noHeldOutEntityIsEverDealt() {
        assertThat(Split.isHeldOut("flamingo")).isTrue();
        assertThat(Split.isHeldOut("tree")).isFalse();
        for (int step = 0; step < 200; step++) {
            GroupBatch batch = dataset.batch(5, step, 2, 16);
            assertThat(batch.ids()).noneMatch(id -> id.contains("flamingo") || id.contains("rocket"));
            assertThat(batch.captions()).noneMatch(c -> c.contains("flamingo") || c.contains("rocket"));
        }
        assertThat(dataset.heldOut(1, 4).ids()).allMatch(id -> id.contains("flamingo") || id.contains("rocket"));
    }

    @Test
    void neighborsAreNeitherThePairNorItsFamily() {
        for (Example example : dataset.examples()) {
            assertThat(example.neighbors()).isNotEmpty().doesNotContain(example.id());
            assertThat(example.neighbors()).noneMatch(id -> id.startsWith(example.style() + "/"));
        }
    }

    @Test
    void aTargetNeverReadsItself() {
        GroupBatch batch = dataset.batch(1, 9, 3, 32);
        for (int i = 0; i < batch.index().length; i++) {
            long target = i / batch.neighbors();
            assertThat(batch.index()[i]).isNotEqualTo(target);
            assertThat(batch.index()[i] / 4).isEqualTo(target / 4);
        }
        assertThat(dataset.batch(1, 9, 3, 32).pictures()).containsExactly(batch.pictures());
        assertThat(dataset.batch(1, 10, 3, 32).pictures()).isNotEqualTo(batch.pictures());
    }

    @ParameterizedTest
    @EnumSource(Optimizers.class)
    void resumeIsBitForBit(Optimizers optimizer) {
        Path out = folder.resolve("run-" + optimizer);
        try (Trainer whole = trainer(config(12, optimizer, true));
                Trainer first = trainer(config(6, optimizer, true));
                Trainer second = trainer(config(12, optimizer, true))) {
            assertThat(whole.run(folder.resolve("whole-" + optimizer), 100)).isTrue();
            first.run(out, 3);
            assertThat(second.resume(out)).isTrue();
            assertThat(second.step()).isEqualTo(6);
            assertThat(second.run(out, 100)).isTrue();
            Map<String, float[]> expected = copy(whole.parameters());
            copy(second.parameters())
                    .forEach((name, values) -> assertThat(values).as(name).containsExactly(expected.get(name)));
            Map<String, float[]> averages = copy(whole.averages());
            copy(second.averages())
                    .forEach((name, values) -> assertThat(values).as(name).containsExactly(averages.get(name)));
        }
    }

    @Test
    void learns() {
        try (Trainer trainer = new Trainer(
                config(60, Optimizers.MUON, false), dataset.repeating(1), new WordEncoder(), new Recorder())) {
            double first = trainer.trainStep();
            double last = first;
            for (int i = 1; i < 60; i++) {
                last = trainer.trainStep();
            }
            assertThat(last).isLessThan(0.8 * first);
        }
    }

    @Test
    void aLayoutNetworkLearnsFromLateTimesAloneAndIsPublishedBesideTheBase() {
        StageConfig stage = new StageConfig(UNetConfig.tiny().blending(), 16, "words", 0.6);
        TrainingConfig config = config(stage, 0, 4, Optimizers.MUON, false);
        Path out = folder.resolve("layout");
        ModelFolder model = new ModelFolder(out.resolve("model"));
        try (Trainer trainer = trainer(config);
                Trainer resumed = trainer(config);
                UNet base = new UNet(UNetConfig.tiny());
                UNet blending = new UNet(UNetConfig.tiny().blending())) {
            assertThat(trainer.run(out, 2)).isTrue();
            assertThat(resumed.resume(out)).isTrue();
            trainer.publish(model.folder(), Map.of());
            assertThatThrownBy(model::layoutConfig).hasMessageContaining("base/config.json is missing");
            model.writeBase(new StageConfig(UNetConfig.tiny(), 32, "words"), Weights.named(base), Map.of());
            assertThat(model.layoutConfig()).contains(stage);

            BaseTraining again = new BaseTraining(stage, config.data(), dataset, new WordEncoder());
            again.startFrom(model);
            Weights.load(blending, SafeTensors.open(model.weights(ModelFolder.LAYOUT)));
            assertThat(copy(Weights.named((UNet) again.network())).get("dstack.stem.weight"))
                    .containsExactly(copy(Weights.named(blending)).get("dstack.stem.weight"));
        }
        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        for (float time : Draws.times(random, 40, 0.6, TrainingConfig.Emphasis.NONE)) {
            assertThat(time).isBetween(0.6f, 1f);
        }
    }

    @Test
    void anotherConfigurationIsRefusedByName() {
        Path out = folder.resolve("refused");
        try (Trainer saved = trainer(config(1, Optimizers.MUON, false));
                Trainer other = trainer(config(1, Optimizers.ADAMW, false))) {
            saved.run(out, 1);
            assertThatThrownBy(() -> other.resume(out))
                    .isInstanceOf(ReImagenException.class)
                    .hasMessageContaining("optimizer");
        }
    }

    @Test
    void notANumberIsNeverApplied() {
        Recorder recorder = new Recorder();
        try (Trainer trainer = new Trainer(config(9, Optimizers.MUON, false), dataset, new WordEncoder(), recorder)) {
            Tensor poisoned =
                    java.util.Objects.requireNonNull(trainer.parameters().get("time_in.bias"));
            poisoned.detach().fill_(Ops.scalar(Double.NaN));
            Map<String, float[]> before = copy(trainer.parameters());
            assertThat(trainer.trainStep()).isNaN();
            assertThat(trainer.trainStep()).isNaN();
            copy(trainer.parameters())
                    .forEach((name, values) -> assertThat(values).as(name).containsExactly(before.get(name)));
            assertThatThrownBy(trainer::trainStep).hasMessageContaining("3 batches in a row");
            assertThat(recorder.skipped).containsExactly(0L, 1L, 2L);
        }
    }
}
