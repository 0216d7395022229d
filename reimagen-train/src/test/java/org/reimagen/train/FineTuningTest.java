package org.reimagen.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.SafeTensors;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.SuperResolutionConfig;
import org.reimagen.core.model.SuperResolutionUNet;
import org.reimagen.core.model.UNet;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.NewPair;
import org.reimagen.knowledge.ingest.FolderSource;
import org.reimagen.knowledge.ingest.Ingest;
import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.pipeline.GenerationResult;
import org.reimagen.pipeline.ReImagen;
import org.reimagen.pipeline.SuperResolutionStage;
import org.reimagen.train.FineTuningPlan.Part;
import org.reimagen.train.data.DatasetBuilder;
import org.reimagen.train.data.GroupBatch;
import org.reimagen.train.data.KnnDataset;

/** A tiny model adapted to nine PNGs without styles or vectors, of which six reach 256 pixels and none 1024. */
class FineTuningTest {
    private static final int PICTURES = 9;

    @TempDir
    static Path folder = Path.of("");

    /** Hears everything; {@code atStep} may stop the run. */
    private static final class Heard implements FineTuning.Reporter {
        final List<String> lines = new ArrayList<>();

        @Nullable
        Consumer<Long> atStep;

        @Override
        public void say(String line) {
            lines.add(line);
        }

        @Override
        public TrainingListener listener(Path stage) {
            return new TrainingTest.Recorder() {
                @Override
                public void onStep(Progress progress) {
                    super.onStep(progress);
                    if (atStep != null) {
                        atStep.accept(progress.step());
                    }
                }

                @Override
                public void onSkipped(long step, String ids) {
                    throw new AssertionError("skipped " + ids);
                }
            };
        }
    }

    @BeforeAll
    static void makeModelAndPictures() throws IOException {
        torch.set_num_threads(1);
        torch.manual_seed(4);
        try (var _ = new PointerScope()) {
            ModelFolder model = new ModelFolder(folder.resolve("initial"));
            model.writeBase(
                    new StageConfig(UNetConfig.tiny(), 64, "words"),
                    Weights.named(new UNet(UNetConfig.tiny())),
                    Map.of());
            model.writeLayout(
                    new StageConfig(UNetConfig.tiny(), 32, "words", 0.6),
                    Weights.named(new UNet(UNetConfig.tiny())),
                    Map.of());
            for (int side : List.of(256, 1024)) {
                SuperResolutionStageConfig stage =
                        new SuperResolutionStageConfig(SuperResolutionConfig.tiny(), side / 4, side);
                model.writeSuperResolution(
                        stage, Weights.named(new SuperResolutionUNet(SuperResolutionConfig.tiny())), Map.of());
            }
        }
        Path pictures = Files.createDirectories(folder.resolve("pictures"));
        for (int i = 0; i < PICTURES; i++) {
            int side = i < 6 ? 300 : 100;
            Path file = pictures.resolve("thing-%d.png".formatted(i));
            ImageIO.write(drawing(side, Color.getHSBColor(i / 9f, 1, 0.8f)), "png", file.toFile());
        }
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder.resolve("kb"))) {
            new Ingest(writer, n -> {})
                    .run(new FolderSource(pictures, new NewPair.Credit("CC0-1.0", "nobody", "pictures")));
        }
    }

    private static BufferedImage drawing(int side, Color color) {
        BufferedImage image = new BufferedImage(side, side * 2 / 3, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(color);
        graphics.fillOval(side / 8, side / 8, side / 2, side / 3);
        graphics.dispose();
        return image;
    }

    private static FineTuningPlan plan(String out, Set<Part> stages, double minutes, long steps) {
        return new FineTuningPlan(
                folder.resolve("initial"),
                folder.resolve(out),
                stages,
                minutes,
                steps,
                new FineTuningPlan.Learning(4, 1e-3, 5, 1));
    }

    private static boolean run(FineTuningPlan plan, Heard heard) {
        try (KnowledgeBase base = KnowledgeBase.open(folder.resolve("kb"))) {
            FineTuning tuning = new FineTuning(plan, base, new TrainingTest.WordEncoder(), heard);
            Consumer<Long> asked = heard.atStep;
            heard.atStep = step -> {
                if (asked != null && step == 2) {
                    tuning.stop();
                }
            };
            return tuning.run();
        }
    }

    private static Map<String, float[]> weights(String model, String stage) {
        try (var _ = new PointerScope()) {
            SafeTensors file = SafeTensors.open(new ModelFolder(folder.resolve(model)).weights(stage));
            Map<String, Tensor> tensors = new java.util.TreeMap<>();
            file.names().forEach(name -> tensors.put(name, file.tensor(name).to(torch.ScalarType.Float)));
            return TrainingTest.copy(tensors);
        }
    }

    @Test
    void adaptsWhatThePicturesReachKeepsTheRestAndTheModelDraws() {
        Heard heard = new Heard();
        assertThat(run(plan("whole", Set.of(Part.values()), 0, 3), heard)).isTrue();
        assertThat(heard.lines).anyMatch(l -> l.startsWith("sr1024 is kept as it is: 0 of 9 pictures reach 1024"));
        assertThat(weights("whole", "sr1024").keySet())
                .isEqualTo(weights("initial", "sr1024").keySet());
        weights("whole", "sr1024")
                .forEach((name, values) -> assertThat(values)
                        .as(name)
                        .containsExactly(weights("initial", "sr1024").get(name)));
        for (String stage : List.of("base", "layout", "sr256")) {
            assertThat(weights("whole", stage).entrySet())
                    .as(stage)
                    .anyMatch(e -> !java.util.Arrays.equals(
                            e.getValue(), weights("initial", stage).get(e.getKey())));
        }
        assertThat(folder.resolve("whole/model_index.json")).content().contains("\"layout\", \"sr256\", \"sr1024\"");
        assertThat(folder.resolve("whole/README.md"))
                .content()
                .contains("CC0-1.0: 9")
                .contains("| sr1024 | as it was |");
        try (KnowledgeBase base = KnowledgeBase.open(folder.resolve("kb"));
                ReImagen reimagen = ReImagen.open(folder.resolve("whole"), base, new TrainingTest.WordEncoder())) {
            GenerationResult result = reimagen.generate(GenerationRequest.of("thing 3")
                    .withSteps(1)
                    .withUpscaling(new GenerationRequest.Upscaling(256, new SuperResolutionStage.Options(1, 0))));
            assertThat(result.neighbors()).isNotEmpty();
            assertThat(result.images().getFirst().getWidth()).isEqualTo(256);
        }
    }

    @Test
    void aStoppedRunGoesOnToTheSameModel() {
        Set<Part> stages = Set.of(Part.BASE, Part.SR256);
        assertThat(run(plan("uncut", stages, 0, 4), new Heard())).isTrue();
        Heard first = new Heard();
        first.atStep = step -> {};
        assertThat(run(plan("cut", stages, 0, 4), first)).isFalse();
        assertThat(folder.resolve("cut/base/config.json")).doesNotExist();
        Heard second = new Heard();
        assertThat(run(plan("cut", stages, 0, 4), second)).isTrue();
        assertThat(second.lines).contains("base goes on at step 2", "layout is kept as it is: not asked for");
        for (String stage : List.of("base", "layout", "sr256", "sr1024")) {
            Map<String, float[]> expected = weights("uncut", stage);
            weights("cut", stage)
                    .forEach((name, values) -> assertThat(values).as(name).containsExactly(expected.get(name)));
        }
    }

    @Test
    void minutesBecomeStepsOnceAndForAll() {
        Heard heard = new Heard();
        assertThat(run(plan("timed", Set.of(Part.SR256), 0.001, 0), heard)).isTrue();
        assertThat(heard.lines).anyMatch(l -> l.matches("sr256: \\d+\\.\\d+ seconds a step, \\d+ steps"));
        Heard again = new Heard();
        assertThat(run(plan("timed", Set.of(Part.SR256), 0.001, 0), again)).isTrue();
        assertThat(again.lines).noneMatch(l -> l.contains("seconds a step"));
    }

    @Test
    void picturesWithoutStyleLeadGroupsOfThemselvesOrOthersAndNoCaptionNamesAStyle() {
        Path set = folder.resolve("set");
        try (KnowledgeBase base = KnowledgeBase.open(folder.resolve("kb"))) {
            new DatasetBuilder(base).build(set, 64, n -> {});
        }
        KnnDataset dataset = KnnDataset.open(set);
        int views = 0;
        for (int step = 0; step < 50; step++) {
            GroupBatch batch = dataset.batch(2, step, 1, 64);
            int pixels = batch.pictures().length / batch.size();
            long different = IntStream.range(0, batch.size())
                    .mapToObj(i -> Arrays.hashCode(Arrays.copyOfRange(batch.pictures(), i * pixels, (i + 1) * pixels)))
                    .distinct()
                    .count();
            assertThat(different).isEqualTo(batch.size());
            views += batch.size() - new HashSet<>(batch.ids()).size();
            assertThat(batch.captions()).allMatch(c -> c.contains("thing") && !c.contains("style"));
        }
        assertThat(views).as("places taken by other views, of 150").isBetween(60, 140);
        assertThat(dataset.heldOut(1, 2).ids().subList(0, 4)).doesNotHaveDuplicates();
    }

    @Test
    void whatCannotBeDoneIsRefusedByName() {
        assertThatThrownBy(() -> run(plan("none", Set.of(Part.SR1024), 0, 1), new Heard()))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("no stage can be adapted");
        assertThatThrownBy(() -> plan("initial", Set.of(Part.BASE), 0, 1)).hasMessageContaining("its own folder");
        assertThatThrownBy(() -> plan("x", Set.of(Part.BASE), 0, 0)).hasMessageContaining("minutes");
        assertThatThrownBy(() -> plan("x", Set.of(), 0, 1)).hasMessageContaining("stages");
    }
}
