package org.reimagen.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.diffusion.Guidance;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.core.model.UNet;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.knowledge.encoder.EncodedText;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.BaseStage.Reference;
import org.reimagen.pipeline.BaseStage.Scene;

class BaseStageTest {
    private static final UNetConfig SHAPE = UNetConfig.tiny();
    private static final int SIDE = 2 * SHAPE.sizeMultiple();

    private BaseStage stage = stage();

    @BeforeEach
    void open() {
        stage = stage();
    }

    @AfterEach
    void close() {
        stage.close();
    }

    /** A tiny network whose every weight is drawn at random, so that no path is closed. */
    private static BaseStage stage() {
        torch.manual_seed(3);
        UNet net = new UNet(SHAPE);
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            Weights.named(net)
                    .values()
                    .forEach(w -> w.copy_(torch.randn(w.shape()).mul_(new org.bytedeco.pytorch.Scalar(0.15))));
        }
        return new BaseStage(net, new StageConfig(SHAPE, SIDE, "words"), new WordEncoder());
    }

    /** A state for every word, drawn from its hash. */
    static final class WordEncoder implements TextEncoder {
        @Override
        public EncodedText encode(String text) {
            String[] words = text.split(" ", -1);
            float[] states = new float[words.length * dim()];
            for (int i = 0; i < words.length; i++) {
                Random random = new Random(words[i].hashCode());
                for (int j = 0; j < dim(); j++) {
                    states[i * dim() + j] = (float) random.nextGaussian();
                }
            }
            float[] pooled = java.util.Arrays.copyOf(states, dim());
            return new EncodedText(dim(), states, pooled);
        }

        @Override
        public int dim() {
            return SHAPE.textDim();
        }

        @Override
        public String name() {
            return "words";
        }

        @Override
        public void close() {}
    }

    private static Reference reference(Color color, double weight) {
        return new Reference(plain(color), "a thing", weight);
    }

    private static BufferedImage plain(Color color) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(color);
        graphics.fillRect(0, 0, SIDE, SIDE);
        graphics.dispose();
        return image;
    }

    private static SamplingConfig guided(double ratio) {
        return SamplingConfig.standard(4, new Guidance.Interleaved(2, 2, ratio, Guidance.Interval.full()));
    }

    private int[] draw(SamplingConfig sampling, Scene scene) {
        return pixels(stage.draw(List.of(scene), sampling, ProgressListener.NONE)
                .images()
                .getFirst());
    }

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    private static int largestDifference(int[] a, int[] b) {
        int largest = 0;
        for (int i = 0; i < a.length; i++) {
            for (int shift = 0; shift < 24; shift += 8) {
                largest = Math.max(largest, Math.abs((a[i] >> shift & 255) - (b[i] >> shift & 255)));
            }
        }
        return largest;
    }

    @Test
    void aReferenceCountsByItsWeight() {
        SamplingConfig sampling = guided(0);
        int[] without = draw(sampling, new Scene("a fox", List.of(reference(Color.RED, 1)), 1));
        int[] faint =
                draw(sampling, new Scene("a fox", List.of(reference(Color.RED, 1), reference(Color.BLUE, 1e-6)), 1));
        int[] full = draw(sampling, new Scene("a fox", List.of(reference(Color.RED, 1), reference(Color.BLUE, 1)), 1));
        int[] heavy = draw(sampling, new Scene("a fox", List.of(reference(Color.RED, 1), reference(Color.BLUE, 8)), 1));
        assertThat(largestDifference(faint, without)).isLessThanOrEqualTo(1);
        assertThat(largestDifference(full, without)).isGreaterThan(2);
        assertThat(largestDifference(heavy, without)).isGreaterThan(largestDifference(full, without));
    }

    @Test
    void movesAwayFromTheNegativePromptWhereTheTextIsFavoured() {
        List<Reference> references = List.of(reference(Color.RED, 1));
        Scene plain = new Scene("a fox", references, 1);
        Scene negative = new Scene("a fox", "blue", references, List.of(), 1);
        assertThat(largestDifference(draw(guided(1), plain), draw(guided(1), negative)))
                .isGreaterThan(2);
        assertThat(draw(guided(0), negative)).isEqualTo(draw(guided(0), plain));
    }

    @Test
    void theSamePictureAloneAndInABatchWithANegativePrompt() {
        SamplingConfig sampling = guided(0.5);
        Scene one = new Scene("a fox", List.of(reference(Color.RED, 1)), 1);
        Scene two =
                new Scene("an owl", "blue", List.of(reference(Color.RED, 2), reference(Color.GREEN, 1)), List.of(), 9);
        List<BufferedImage> both =
                stage.draw(List.of(one, two), sampling, ProgressListener.NONE).images();
        assertThat(largestDifference(pixels(both.get(0)), draw(sampling, one))).isLessThanOrEqualTo(1);
        assertThat(largestDifference(pixels(both.get(1)), draw(sampling, two))).isLessThanOrEqualTo(1);
    }

    @Test
    void tellsEveryStepWithPreviewsAndStopsWhenAskedTo() {
        List<Integer> steps = new ArrayList<>();
        List<Scene> scenes = List.of(new Scene("a fox", List.of(), 1), new Scene("an owl", List.of(), 2));
        stage.draw(scenes, guided(0.5), progress -> {
            assertThat(progress.resolution()).isEqualTo(SIDE);
            assertThat(progress.steps()).isEqualTo(4);
            assertThat(progress.previews().get()).hasSize(2).allMatch(p -> p.getWidth() == SIDE);
            return steps.add(progress.step());
        });
        assertThat(steps).containsExactly(1, 2, 3, 4);
        assertThatThrownBy(() -> stage.draw(scenes, guided(0.5), progress -> progress.step() < 2))
                .isInstanceOf(CancellationException.class)
                .hasMessageContaining("step 2");
    }

    @Test
    void littleNoiseLeavesTheReferenceThatTheSeedChooses() {
        List<Reference> references = List.of(reference(Color.RED, 1), reference(Color.BLUE, 1));
        SamplingConfig faint = guided(0.5).startingAt(0.02);
        assertThat(faint.steps()).isEqualTo(1);
        int[] red = pixels(plain(Color.RED));
        int[] blue = pixels(plain(Color.BLUE));
        assertThat(meanDifference(draw(faint, new Scene("a fox", references, 0)), red))
                .isLessThan(25);
        assertThat(meanDifference(draw(faint, new Scene("a fox", references, 3)), blue))
                .isLessThan(25);
        int[] loud = draw(guided(0.5).startingAt(0.9), new Scene("a fox", references, 0));
        assertThat(meanDifference(loud, red)).isGreaterThan(60);
        assertThat(draw(guided(0.5).startingAt(0.9), new Scene("a fox", references, 0)))
                .isEqualTo(loud);
    }

    private static double meanDifference(int[] a, int[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            for (int shift = 0; shift < 24; shift += 8) {
                sum += Math.abs((a[i] >> shift & 255) - (b[i] >> shift & 255));
            }
        }
        return sum / (3.0 * a.length);
    }

    @Test
    void fullStrengthIsNoiseAlone() {
        SamplingConfig sampling = guided(0.5);
        assertThat(sampling.startingAt(1)).isSameAs(sampling);
        assertThat(sampling.startsFromNoise()).isTrue();
        assertThat(sampling.startingAt(0.5).startsFromNoise()).isFalse();
        assertThat(sampling.startingAt(0.6).steps()).isEqualTo(3);
        assertThatThrownBy(() -> sampling.startingAt(0)).hasMessageContaining("strength");
        Scene alone = new Scene("a fox", List.of(), 1);
        assertThatThrownBy(() -> draw(sampling.startingAt(0.5), alone)).hasMessageContaining("strength below 1");
    }

    @Test
    void requestsRefuseWhatIsOutOfRange() {
        GenerationRequest request = GenerationRequest.of("a fox")
                .withNeighborWeights(Map.of("a", 0.0))
                .withSeed(4);
        assertThat(request.references().weight("a")).isZero();
        assertThat(request.references().weight("b")).isEqualTo(1);
        assertThat(request.seed()).isEqualTo(4);
        assertThat(request.prompt()).isEqualTo("a fox");
        assertThatThrownBy(() -> request.withNeighborWeights(Map.of("a", -1.0)))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("weight of a");
        assertThatThrownBy(() -> request.withStrength(0)).hasMessageContaining("strength");
        assertThatThrownBy(() -> request.withStrength(1.1)).hasMessageContaining("strength");
        assertThatThrownBy(() -> new OwnReference(plain(Color.RED), " ", 1)).hasMessageContaining("caption");
        assertThatThrownBy(() -> request.withNegativePrompt("x".repeat(2001))).hasMessageContaining("negative_prompt");
        List<OwnReference> many = java.util.Collections.nCopies(17, new OwnReference(plain(Color.RED), "red", 1));
        assertThatThrownBy(() -> request.withOwnReferences(many)).hasMessageContaining("at most 16");
    }
}
