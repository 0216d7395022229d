package org.reimagen.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.DualEncoderFolder;
import org.reimagen.core.checkpoint.DualEncoderStageConfig;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.SafeTensors;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.DualEncoder;
import org.reimagen.core.model.DualEncoderConfig;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.DualEncoderEmbedder;
import org.reimagen.train.data.DatasetBuilder;
import org.reimagen.train.data.ViewBatch;
import org.reimagen.train.data.ViewDataset;
import org.reimagen.train.optim.LrSchedule;
import org.reimagen.train.optim.Optimizers;

/** The dual encoder against plain PyTorch (golden/dual_encoder_fixtures.py); its data, loop, resume and use, on twenty drawn pictures. */
class DualEncoderTrainingTest {
    private static final DualEncoderStageConfig STAGE =
            new DualEncoderStageConfig(DualEncoderConfig.tiny(), 16, "words");
    private static ViewDataset dataset;

    @TempDir
    static Path folder = Path.of("");

    @BeforeAll
    static void makeData() {
        torch.set_num_threads(1);
        Path kb = folder.resolve("kb");
        TrainingTest.drawTwenty(kb);
        try (KnowledgeBase base = KnowledgeBase.open(kb)) {
            assertThat(new DatasetBuilder(base)
                            .build(folder.resolve("set"), 32, n -> {})
                            .pictures())
                    .isEqualTo(20);
        }
        dataset = new ViewDataset(folder.resolve("set"));
    }

    private static Trainer trainer(long maxSteps) {
        TrainingConfig config = new TrainingConfig(
                STAGE,
                new TrainingConfig.Data(3, 4, 0),
                new TrainingConfig.Optimization(
                        Optimizers.MUON, 4e-3, LrSchedule.CONSTANT, 2, maxSteps, 1, 0.01, 0.9, false),
                dataset.knowledgeHash());
        DualEncoderTraining training =
                new DualEncoderTraining(STAGE, config.data(), dataset, new TrainingTest.WordEncoder());
        return new Trainer(config, training, new TrainingTest.Recorder());
    }

    /** Helpers that stay with a caller make those of the thread that draws sleep: half the speed. They bear its name. */
    @Test
    void lookingUpLeavesNoHelpersWithItsCaller() throws Exception {
        torch.set_num_threads(2);
        try {
            assertThat(threadsAfter("calc", () -> {
                        try (var _ = new PointerScope()) {
                            Tensor sum = torch.randn(1024, 1024).exp().sum();
                            assertThat(sum.item_float()).isPositive();
                        }
                    }))
                    .as("the way to see helpers")
                    .isEqualTo(2);
            assertThat(threadsAfter("lookup", () -> {
                        try (TextEncoder encoder = OnnxTextEncoder.builtIn();
                                DualEncoderEmbedder embedder =
                                        DualEncoderEmbedder.open(Path.of("../models/emoji-clip"), encoder)) {
                            assertThat(embedder.embed("a fox")).hasSize(embedder.dim());
                            assertThat(embedder.embed(new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB)))
                                    .hasSize(embedder.dim());
                        }
                    }))
                    .isEqualTo(1);
        } finally {
            torch.set_num_threads(1);
        }
    }

    /** The process's threads called {@code name} when a thread of that name has done {@code work}, itself among them. */
    private static long threadsAfter(String name, Runnable work) throws InterruptedException {
        AtomicLong count = new AtomicLong();
        Thread caller = Thread.ofPlatform().name(name).start(() -> {
            work.run();
            count.set(threadsNamed(name));
        });
        caller.join();
        return count.get();
    }

    private static long threadsNamed(String name) {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.filter(task -> name.equals(commandOf(task))).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String commandOf(Path task) {
        try {
            return Files.readString(task.resolve("comm")).strip();
        } catch (IOException e) {
            return ""; // a thread that has ended meanwhile
        }
    }

    @Test
    void agreesWithPyTorch() {
        SafeTensors golden = SafeTensors.open(Path.of("src/test/resources/golden/dual_encoder.safetensors"));
        DualEncoder net = new DualEncoder(DualEncoderConfig.tiny());
        try (var _ = new PointerScope()) {
            Map<String, Tensor> named = Weights.named(net);
            try (var _ = new NoGradGuard()) {
                named.forEach((name, p) -> p.detach().copy_(golden.tensor("net/" + name)));
            }
            Tensor x = golden.tensor("x");
            Tensor pooled = golden.tensor("pooled");
            assertClose(net.picture(x), golden.tensor("pictures"));
            assertClose(net.text(pooled), golden.tensor("words"));
            assertClose(net.logits(net.picture(x), net.text(pooled)), golden.tensor("logits"));
            Tensor loss = DualEncoderTraining.loss(net, x, pooled);
            assertClose(loss.reshape(1), golden.tensor("loss"));
            loss.backward();
            named.forEach((name, p) -> assertClose(p.grad(), golden.tensor("grad/" + name)));
            assertThat(golden.names().stream().filter(n -> n.startsWith("net/")).count())
                    .isEqualTo(named.size());
        }
    }

    private static void assertClose(Tensor actual, Tensor expected) {
        float[] a = Ops.toFloats(actual);
        float[] e = Ops.toFloats(expected);
        assertThat(a).hasSameSizeAs(e);
        for (int i = 0; i < a.length; i++) {
            assertThat(a[i]).isCloseTo(e[i], within(1e-5f + 1e-4f * Math.abs(e[i])));
        }
    }

    @Test
    void aBatchIsOfDifferentEntitiesNoneHeldOutAndAFunctionOfSeedAndStep() {
        assertThat(dataset.trainEntities()).isEqualTo(3);
        for (int step = 0; step < 100; step++) {
            ViewBatch batch = dataset.batch(1, step, 2, 16);
            List<String> entities = batch.ids().stream()
                    .map(id -> id.substring(id.indexOf('/') + 1))
                    .toList();
            assertThat(entities).doesNotContain("flamingo", "rocket");
            assertThat(entities.get(0)).isEqualTo(entities.get(2)).isNotEqualTo(entities.get(1));
            assertThat(batch.ids().get(0)).isNotEqualTo(batch.ids().get(2));
            assertThat(batch.captions().get(0)).startsWith(entities.get(0));
        }
        assertThat(dataset.batch(1, 7, 2, 32).pictures())
                .isEqualTo(dataset.batch(1, 7, 2, 32).pictures())
                .isNotEqualTo(dataset.batch(2, 7, 2, 32).pictures());
        assertThatThrownBy(() -> dataset.batch(1, 1, 4, 16))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("train_batch_size");
    }

    @Test
    void heldOutPicturesAreWholeAndOnWhite() {
        ViewBatch batch = dataset.heldOut(32);
        assertThat(batch.captions()).hasSize(8).containsOnly("flamingo", "rocket");
        assertThat(batch.pictures()[0]).isEqualTo(1f);
        float least = 1;
        for (float value : batch.pictures()) {
            least = Math.min(least, value);
        }
        assertThat(least).isBetween(-1f, 0f);
    }

    @Test
    void learnsWhichTextBelongsToWhichPicture() {
        try (Trainer trainer = trainer(120)) {
            double before = mean(trainer, 10);
            for (int i = 0; i < 100; i++) {
                trainer.trainStep();
            }
            assertThat(mean(trainer, 10)).isLessThan(0.6 * before);
        }
    }

    private static double mean(Trainer trainer, int steps) {
        double sum = 0;
        for (int i = 0; i < steps; i++) {
            sum += trainer.trainStep() / steps;
        }
        return sum;
    }

    @Test
    void resumesBitForBit() {
        Path run = folder.resolve("run");
        try (Trainer whole = trainer(6);
                Trainer half = trainer(3);
                Trainer rest = trainer(6)) {
            assertThat(whole.run(folder.resolve("whole"), 100)).isTrue();
            assertThat(half.run(run, 100)).isTrue();
            assertThat(rest.resume(run)).isTrue();
            assertThat(rest.run(run, 100)).isTrue();
            Map<String, float[]> expected = TrainingTest.copy(whole.parameters());
            TrainingTest.copy(rest.parameters())
                    .forEach((name, values) ->
                            assertThat(values).as(name).isEqualTo(Objects.requireNonNull(expected.get(name))));
        }
    }

    @Test
    void aPublishedEncoderEmbedsAndIsRefusedOverAnotherTextEncoder() throws Exception {
        Path model = folder.resolve("model");
        try (Trainer trainer = trainer(2)) {
            trainer.trainStep();
            trainer.publish(model, Map.of("modelspec.title", "tiny"));
        }
        DualEncoderFolder files = new DualEncoderFolder(model);
        assertThat(files.config()).isEqualTo(STAGE);
        try (DualEncoderEmbedder embedder = DualEncoderEmbedder.open(model, new TrainingTest.WordEncoder())) {
            assertThat(embedder.dim()).isEqualTo(8);
            assertThat(embedder.name()).isEqualTo("dual-" + files.hash().substring(0, 12));
            float[] text = embedder.embed("ball");
            float[] picture = embedder.embed(new BufferedImage(40, 20, BufferedImage.TYPE_INT_ARGB));
            for (float[] vector : List.of(text, picture)) {
                double sum = 0;
                for (float v : vector) {
                    sum += v * v;
                }
                assertThat(sum).isCloseTo(1, within(1e-5));
            }
            assertThat(embedder.embed("ball")).isEqualTo(text);
        }
        TrainingTest.WordEncoder other = new TrainingTest.WordEncoder();
        Files.writeString(
                model.resolve("config.json"),
                Files.readString(model.resolve("config.json")).replace("\"words\"", "\"letters\""));
        assertThatThrownBy(() -> DualEncoderEmbedder.open(model, other))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("letters");
        Files.writeString(
                model.resolve("config.json"),
                Files.readString(model.resolve("config.json")).replaceFirst("\\{", "{\"surplus\": 1,"));
        assertThatThrownBy(files::config).isInstanceOf(ReImagenException.class).hasMessageContaining("surplus");
        assertThatThrownBy(() -> new DualEncoderFolder(folder.resolve("none")).config())
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("config.json");
    }

    @Test
    void startsFromAPublishedEncoder() {
        Path model = folder.resolve("start");
        DualEncoderTraining fresh = new DualEncoderTraining(
                STAGE, new TrainingConfig.Data(9, 4, 0), dataset, new TrainingTest.WordEncoder());
        try (Trainer trainer = trainer(2)) {
            trainer.publish(model, Map.of());
            fresh.startFrom(new ModelFolder(model));
            float[] published = Ops.toFloats(
                    SafeTensors.open(new DualEncoderFolder(model).weights()).tensor("stem.weight"));
            assertThat(Ops.toFloats(Objects.requireNonNull(
                            Weights.named(fresh.network()).get("stem.weight"))))
                    .isEqualTo(published);
        }
    }
}
