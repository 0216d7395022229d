package org.reimagen.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.reimagen.pipeline.TinyStage.SIDE;
import static org.reimagen.pipeline.TinyStage.draw;
import static org.reimagen.pipeline.TinyStage.guided;
import static org.reimagen.pipeline.TinyStage.largestDifference;
import static org.reimagen.pipeline.TinyStage.pixels;
import static org.reimagen.pipeline.TinyStage.plain;
import static org.reimagen.pipeline.TinyStage.reference;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.pipeline.BaseStage.Reference;
import org.reimagen.pipeline.BaseStage.Scene;
import org.reimagen.pipeline.GenerationRequest.GuidanceWeights;

class BaseStageTest {
    @AutoClose
    private final BaseStage stage = TinyStage.stage();

    @Test
    void aReferenceCountsByItsWeight() {
        SamplingConfig sampling = guided(0);
        int[] without = draw(stage, sampling, new Scene("a fox", List.of(reference(Color.RED, 1)), 1));
        int[] faint = draw(
                stage, sampling, new Scene("a fox", List.of(reference(Color.RED, 1), reference(Color.BLUE, 1e-6)), 1));
        int[] full = draw(
                stage, sampling, new Scene("a fox", List.of(reference(Color.RED, 1), reference(Color.BLUE, 1)), 1));
        int[] heavy = draw(
                stage, sampling, new Scene("a fox", List.of(reference(Color.RED, 1), reference(Color.BLUE, 8)), 1));
        assertThat(largestDifference(faint, without)).isLessThanOrEqualTo(1);
        assertThat(largestDifference(full, without)).isGreaterThan(2);
        assertThat(largestDifference(heavy, without)).isGreaterThan(largestDifference(full, without));
    }

    @Test
    void movesAwayFromTheNegativePromptWhereTheTextIsFavoured() {
        List<Reference> references = List.of(reference(Color.RED, 1));
        Scene plain = new Scene("a fox", references, 1);
        Scene negative = new Scene("a fox", "blue", references, List.of(), 1, 1, Finish.NONE);
        assertThat(largestDifference(draw(stage, guided(1), plain), draw(stage, guided(1), negative)))
                .isGreaterThan(2);
        assertThat(draw(stage, guided(0), negative)).isEqualTo(draw(stage, guided(0), plain));
    }

    @Test
    void theSamePictureAloneAndInABatchWithANegativePrompt() {
        SamplingConfig sampling = guided(0.5);
        Scene one = new Scene("a fox", List.of(reference(Color.RED, 1)), 1);
        Scene two = new Scene(
                "an owl",
                "blue",
                List.of(reference(Color.RED, 2), reference(Color.GREEN, 1)),
                List.of(),
                9,
                1,
                Finish.NONE);
        List<BufferedImage> both =
                stage.draw(List.of(one, two), sampling, ProgressListener.NONE).images();
        assertThat(largestDifference(pixels(both.get(0)), draw(stage, sampling, one)))
                .isLessThanOrEqualTo(1);
        assertThat(largestDifference(pixels(both.get(1)), draw(stage, sampling, two)))
                .isLessThanOrEqualTo(1);
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
        assertThat(meanDifference(draw(stage, faint, new Scene("a fox", references, 0)), red))
                .isLessThan(25);
        assertThat(meanDifference(draw(stage, faint, new Scene("a fox", references, 3)), blue))
                .isLessThan(25);
        int[] loud = draw(stage, guided(0.5).startingAt(0.9), new Scene("a fox", references, 0));
        assertThat(meanDifference(loud, red)).isGreaterThan(60);
        assertThat(draw(stage, guided(0.5).startingAt(0.9), new Scene("a fox", references, 0)))
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
    void onlyGuidedStepsAreEvaluatedTwice() {
        GenerationRequest request = GenerationRequest.of("a cat").withSteps(20); // guided from t = 1 to 0.7
        assertThat(evaluations(request)).isEqualTo(26);
        assertThat(evaluations(request.withGuidance(new GuidanceWeights(2, 5, 0.1, 0, 0))))
                .isEqualTo(40);
        assertThat(evaluations(request.withGuidance(new GuidanceWeights(2, 1, 0.1, 0, 0))))
                .as("the most: steps that favour the text are guided yet")
                .isEqualTo(40);
        assertThat(evaluations(request.withGuidance(new GuidanceWeights(1, 1, 0.1, 0, 0))))
                .isEqualTo(20);
    }

    private int evaluations(GenerationRequest request) {
        return stage.work(request.sampling(), 1).evaluations();
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
        assertThatThrownBy(() -> draw(stage, sampling.startingAt(0.5), alone)).hasMessageContaining("strength below 1");
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
