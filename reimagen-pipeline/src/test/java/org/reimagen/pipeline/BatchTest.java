package org.reimagen.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.SuperResolutionConfig;
import org.reimagen.core.model.SuperResolutionUNet;
import org.reimagen.core.model.UNet;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.core.tensor.Precision;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.NewPair;
import org.reimagen.knowledge.encoder.EncodedText;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.GenerationRequest.GuidanceWeights;
import org.reimagen.pipeline.GenerationRequest.Upscaling;

/** Requests of one batch: equal to those made alone, whoever else leaves or fails. */
class BatchTest {
    /** A text on which the encoder of these tests fails. */
    private static final String UNREADABLE = "unreadable";

    /** Levels of 256 by which another order of rounding may move a pixel: 1 in float32; 2 were seen in bfloat16, which keeps eight bits. */
    private static final int ROUNDING = Precision.bfloat16IsFast() ? 3 : 1;

    private static final Upscaling TO_256 = new Upscaling(256, new SuperResolutionStage.Options(1, 0));

    @TempDir
    static Path folder = Path.of("");

    private static KnowledgeBase base;
    private static ReImagen reimagen;

    @BeforeAll
    static void open() {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder.resolve("kb"))) {
            List.of("red fox", "old castle", "green apple").forEach(title -> writer.add(pair(title)));
            writer.commit();
        }
        writeModel(folder.resolve("tiny"));
        base = KnowledgeBase.open(folder.resolve("kb"));
        reimagen = ReImagen.open(folder.resolve("tiny"), base, new WordEncoder());
    }

    @AfterAll
    static void close() {
        reimagen.close();
        base.close();
    }

    private static NewPair pair(String title) {
        int hash = title.hashCode() & 0xFFFFFF;
        String svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\" width=\"8\" height=\"8\">"
                + "<rect x=\"1\" y=\"1\" width=\"5\" height=\"%d\" fill=\"#%06x\"/></svg>"
                        .formatted(2 + hash % 5, hash);
        return new NewPair(
                "noto/" + title,
                new NewPair.Text(title + ", noto style", title, title, "noto", List.of()),
                new NewPair.Credit("CC0-1.0", "drawn for this test", "test"),
                svg.getBytes(StandardCharsets.UTF_8));
    }

    /** Every weight at random, so that the pictures depend on all that is read. */
    private static void writeModel(Path where) {
        ModelFolder model = new ModelFolder(where);
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            torch.manual_seed(3);
            UNet net = new UNet(UNetConfig.tiny());
            Weights.named(net)
                    .values()
                    .forEach(w -> w.copy_(torch.randn(w.shape()).mul_(new org.bytedeco.pytorch.Scalar(0.15))));
            model.writeBase(new StageConfig(UNetConfig.tiny(), 64, "words"), Weights.named(net), Map.of());
            SuperResolutionConfig config =
                    new SuperResolutionConfig(8, List.of(8, 12), List.of(1, 1), List.of(1, 0), 16, 0.1);
            model.writeSuperResolution(
                    new SuperResolutionStageConfig(config, 64, 256),
                    Weights.named(new SuperResolutionUNet(config)),
                    Map.of());
        }
    }

    private static final class WordEncoder implements TextEncoder {
        @Override
        public EncodedText encode(String text) {
            if (text.equals(UNREADABLE)) {
                throw new IllegalStateException(text);
            }
            String[] words = text.split("[ ,]+", -1);
            float[] states = new float[words.length * dim()];
            for (int i = 0; i < states.length; i++) {
                states[i] = (float) Math.sin(words[i / dim()].hashCode() * 0.001 + i % dim());
            }
            return new EncodedText(dim(), states, Arrays.copyOf(states, dim()));
        }

        @Override
        public int dim() {
            return UNetConfig.tiny().textDim();
        }

        @Override
        public String name() {
            return "words";
        }

        @Override
        public void close() {}
    }

    /** What became of every request, told once each. */
    private static final class Ends implements ResultListener {
        private final Map<Integer, GenerationResult> drawn = new LinkedHashMap<>();
        private final Map<Integer, Throwable> failed = new LinkedHashMap<>();

        @Override
        public void drawn(int index, GenerationResult result) {
            assertThat(drawn.put(index, result)).isNull();
        }

        @Override
        public void failed(int index, Throwable reason) {
            assertThat(failed.put(index, reason)).isNull();
        }
    }

    private static Ends draw(List<GenerationRequest> requests) {
        Ends ends = new Ends();
        reimagen.generate(requests, ends);
        assertThat(ends.drawn.size() + ends.failed.size()).isEqualTo(requests.size());
        return ends;
    }

    private static GenerationRequest asked(String prompt, long seed) {
        return GenerationRequest.of(prompt).withSteps(4).withSeed(seed).withUpscaling(TO_256);
    }

    /** The same pictures but for rounding, at every stage, from the same neighbours. */
    private static void assertAsAlone(Ends ends, int index, GenerationRequest request) {
        GenerationResult together = Objects.requireNonNull(ends.drawn.get(index));
        GenerationResult alone = reimagen.generate(request);
        assertThat(together.neighbors()).isEqualTo(alone.neighbors());
        assertThat(together.seeds()).isEqualTo(alone.seeds());
        assertThat(together.stages().keySet())
                .containsExactlyElementsOf(alone.stages().keySet());
        alone.stages().forEach((side, pictures) -> {
            for (int i = 0; i < pictures.size(); i++) {
                assertThat(largestDifference(
                                Objects.requireNonNull(together.stages().get(side))
                                        .get(i),
                                pictures.get(i)))
                        .as("request %d, picture %d at %d", index, i, side)
                        .isLessThanOrEqualTo(ROUNDING);
            }
        });
    }

    private static int largestDifference(BufferedImage a, BufferedImage b) {
        int largest = 0;
        for (int y = 0; y < a.getHeight(); y++) {
            for (int x = 0; x < a.getWidth(); x++) {
                for (int shift = 0; shift < 24; shift += 8) {
                    int difference = (a.getRGB(x, y) >> shift & 255) - (b.getRGB(x, y) >> shift & 255);
                    largest = Math.max(largest, Math.abs(difference));
                }
            }
        }
        return largest;
    }

    @Test
    void everyRequestGivesThePicturesThatItGivesAlone() {
        List<GenerationRequest> requests = List.of(
                asked("red fox", 1),
                asked("old castle at night", 7).withNeighbors(2).withGuidance(new GuidanceWeights(1, 1, 0.5, 0, 0)),
                asked("green apple", 3)
                        .withImages(2)
                        .withNegativePrompt("blue")
                        .withGuidance(new GuidanceWeights(4, 2, 0.7, 0.4, 0.8))
                        .withNeighborWeights(Map.of("noto/green apple", 3.0, "noto/red fox", 0.0)),
                asked("red fox", 2).withNeighbors(0).withUpscaling(new Upscaling(64, TO_256.options())));
        Ends ends = draw(requests);
        assertThat(ends.failed).isEmpty();
        assertThat(Objects.requireNonNull(ends.drawn.get(3)).stages()).containsOnlyKeys(64);
        for (int i = 0; i < requests.size(); i++) {
            assertAsAlone(ends, i, requests.get(i));
        }
        BufferedImage fox = Objects.requireNonNull(ends.drawn.get(0)).images().getFirst();
        assertThat(largestDifference(
                        fox, Objects.requireNonNull(ends.drawn.get(1)).images().getFirst()))
                .isGreaterThan(10);
    }

    @Test
    void drawingsFromReferencesAreThoseThatEachGivesAlone() {
        List<GenerationRequest> requests = List.of(
                asked("red fox", 1).withStrength(0.7),
                asked("green apple", 2).withImages(2).withStrength(0.7),
                asked("red fox", 1).withNeighbors(0).withStrength(0.7));
        Ends ends = draw(requests);
        assertThat(ends.failed).containsOnlyKeys(2);
        assertThat(ends.failed.get(2)).hasMessageContaining("strength below 1 starts from a reference");
        assertAsAlone(ends, 0, requests.get(0));
        assertAsAlone(ends, 1, requests.get(1));
    }

    @Test
    void anEncoderThatIsOpenedMeanwhileGivesTheSamePictures() {
        GenerationRequest request = asked("red fox", 1);
        GenerationResult expected = reimagen.generate(request);
        try (ReImagen other = ReImagen.open(folder.resolve("tiny"), base, () -> new WordEncoder())) {
            GenerationResult drawn = other.generate(request);
            assertThat(largestDifference(
                            drawn.images().getFirst(), expected.images().getFirst()))
                    .isZero();
            assertThat(drawn.modelHash())
                    .isEqualTo(expected.modelHash())
                    .isEqualTo(new ModelFolder(folder.resolve("tiny")).modelHash());
            assertThat(drawn.knowledgeHash())
                    .isEqualTo(expected.knowledgeHash())
                    .isEqualTo(base.hash());
        }
    }

    @Test
    void anEncoderThatCannotBeOpenedIsTheReasonThatIsGiven() {
        assertThatThrownBy(() -> ReImagen.open(folder.resolve("tiny"), base, () -> {
                    throw new ReImagenException("words: no such encoder");
                }))
                .isInstanceOf(ReImagenException.class)
                .hasMessage("words: no such encoder");
    }

    @Test
    void onesOwnReferenceIsTheFirstToStartFrom() {
        BufferedImage blue = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 64 * 64; i++) {
            blue.setRGB(i % 64, i / 64, 0x2040FF);
        }
        GenerationResult drawn = reimagen.generate(asked("red fox", 0)
                .withOwnReferences(List.of(new OwnReference(blue, "blue", 1)))
                .withUpscaling(new Upscaling(64, TO_256.options()))
                .withStrength(0.02));
        assertThat(largestDifference(drawn.images().getFirst(), blue)).isLessThan(60);
    }

    @Test
    void oneThatLeavesIsDroppedAndTheOthersDoNotNotice() {
        List<String> heard = new ArrayList<>();
        GenerationRequest stays = asked("red fox", 1).withNegativePrompt("blue");
        GenerationRequest leaves = asked("old castle", 7).withImages(3).withListener(progress -> {
            heard.add("leaves " + progress.step());
            assertThat(progress.previews().get()).hasSize(3);
            return progress.step() < 2;
        });
        GenerationRequest listens = asked("green apple", 5)
                .withImages(2)
                .withListener(progress -> heard.add("%d step %d previews %d"
                        .formatted(
                                progress.resolution(),
                                progress.step(),
                                progress.previews().get().size())));
        Ends ends = draw(List.of(stays, leaves, listens));
        assertThat(ends.failed).containsOnlyKeys(1);
        assertThat(ends.failed.get(1)).isInstanceOf(CancellationException.class).hasMessage("stopped after step 2");
        assertThat(heard)
                .containsExactly(
                        "leaves 1",
                        "64 step 1 previews 2",
                        "leaves 2",
                        "64 step 2 previews 2",
                        "64 step 3 previews 2",
                        "64 step 4 previews 2",
                        "256 step 1 previews 1",
                        "256 step 1 previews 1");
        assertAsAlone(ends, 0, stays);
        assertAsAlone(ends, 2, listens);
    }

    @Test
    void oneThatFailsFailsAlone() {
        GenerationRequest fine = asked("red fox", 1);
        GenerationRequest pinned = asked("red fox", 2).withPinned(List.of("no such pair"));
        GenerationRequest throwing = asked("red fox", 3).withListener(_ -> {
            throw new OutOfMemoryError("of a test");
        });
        GenerationRequest unreadable = asked(UNREADABLE, 4).withNeighbors(0);
        GenerationRequest alsoFine = asked("old castle", 5);
        Ends ends = draw(List.of(fine, pinned, throwing, unreadable, alsoFine));
        assertThat(ends.failed).containsOnlyKeys(1, 2, 3);
        assertThat(ends.failed.get(1)).hasMessageContaining("no such pair");
        assertThat(ends.failed.get(2)).isInstanceOf(OutOfMemoryError.class);
        assertThat(ends.failed.get(3)).isInstanceOf(IllegalStateException.class).hasMessage(UNREADABLE);
        assertAsAlone(ends, 0, fine);
        assertAsAlone(ends, 4, alsoFine);
    }

    @Test
    void aBatchThatAllLeaveEndsAtOnce() {
        List<Integer> steps = new ArrayList<>();
        GenerationRequest leaves = asked("red fox", 1).withListener(progress -> {
            steps.add(progress.step());
            return false;
        });
        Ends ends = draw(List.of(leaves, leaves.withSeed(2)));
        assertThat(ends.failed.values()).hasSize(2).allMatch(CancellationException.class::isInstance);
        assertThat(steps).containsExactly(1, 1);
        assertThatThrownBy(() -> reimagen.generate(leaves)).isInstanceOf(CancellationException.class);
    }

    @Test
    void otherStepsAreAnotherBatch() {
        GenerationRequest request = asked("red fox", 1);
        assertThat(request.drawsWith(asked("old castle", 9).withImages(2))).isTrue();
        assertThat(request.drawsWith(request.withSteps(5))).isFalse();
        assertThat(request.drawsWith(request.withStrength(0.8))).isFalse();
        List<GenerationRequest> mixed = List.of(request, request.withSteps(5));
        assertThatThrownBy(() -> reimagen.generate(mixed, new Ends())).hasMessageContaining("num_inference_steps");
    }
}
