package org.reimagen.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.diffusion.ConditionedModel;
import org.reimagen.core.diffusion.Conditions;
import org.reimagen.core.diffusion.Guidance;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.core.model.UNet;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.knowledge.encoder.EncodedText;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.BaseStage.Reference;
import org.reimagen.pipeline.BaseStage.Scene;
import org.reimagen.pipeline.GenerationRequest.GuidanceWeights;

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

    private static BaseStage stage() {
        return new BaseStage(net(3), new StageConfig(SHAPE, SIDE, "words"), new WordEncoder());
    }

    /** A tiny network whose every weight is drawn at random, so that no path is closed. */
    private static UNet net(long seed) {
        torch.manual_seed(seed);
        UNet net = new UNet(SHAPE);
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            Weights.named(net)
                    .values()
                    .forEach(w -> w.copy_(torch.randn(w.shape()).mul_(new org.bytedeco.pytorch.Scalar(0.15))));
        }
        return net;
    }

    /** A model whose layout network draws from {@code fromTime} on. */
    private static BaseStage withLayout(Path folder, double fromTime) {
        ModelFolder model = new ModelFolder(folder);
        try (UNet base = net(3);
                UNet layout = net(4);
                var _ = new PointerScope()) {
            model.writeBase(new StageConfig(SHAPE, SIDE, "words"), Weights.named(base), Map.of());
            model.writeLayout(new StageConfig(SHAPE, SIDE / 2, "words", fromTime), Weights.named(layout), Map.of());
        }
        return BaseStage.load(model, new WordEncoder());
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
        Scene negative = new Scene("a fox", "blue", references, List.of(), 1, 1);
        assertThat(largestDifference(draw(guided(1), plain), draw(guided(1), negative)))
                .isGreaterThan(2);
        assertThat(draw(guided(0), negative)).isEqualTo(draw(guided(0), plain));
    }

    @Test
    void theSamePictureAloneAndInABatchWithANegativePrompt() {
        SamplingConfig sampling = guided(0.5);
        Scene one = new Scene("a fox", List.of(reference(Color.RED, 1)), 1);
        Scene two = new Scene(
                "an owl", "blue", List.of(reference(Color.RED, 2), reference(Color.GREEN, 1)), List.of(), 9, 1);
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
    void aLayoutNetworkDrawsAtHighNoiseOnly(@TempDir Path folder) {
        Scene scene = new Scene("a fox", List.of(reference(Color.RED, 1)), 1);
        Scene other = new Scene("an owl", "blue", List.of(reference(Color.BLUE, 1)), List.of(), 2, 3);
        SamplingConfig sampling = guided(0.5);
        ModelFolder never = new ModelFolder(folder.resolve("never"));
        try (BaseStage often = withLayout(folder.resolve("often"), 0.6);
                BaseStage hardly = withLayout(never.folder(), 0.9999)) {
            List<BufferedImage> both = often.draw(List.of(scene, other), sampling, ProgressListener.NONE)
                    .images();
            List<BufferedImage> alone =
                    often.draw(List.of(scene), sampling, ProgressListener.NONE).images();
            List<BufferedImage> without =
                    hardly.draw(List.of(scene), sampling, ProgressListener.NONE).images();
            assertThat(largestDifference(pixels(both.getFirst()), pixels(alone.getFirst())))
                    .isLessThanOrEqualTo(1);
            assertThat(largestDifference(pixels(alone.getFirst()), pixels(without.getFirst())))
                    .isGreaterThan(2);
            assertThat(often.work(sampling, 1).gflop())
                    .isLessThan(hardly.work(sampling, 1).gflop());
        }
        String named = never.modelHash();
        assertThat(named).isNotEqualTo(never.hash("base")).isNotEqualTo(never.hash(ModelFolder.LAYOUT));
        assertThat(named)
                .isEqualTo(new ModelFolder(never.folder()).modelHash())
                .isNotEqualTo(new ModelFolder(folder.resolve("often")).hash("base"));
    }

    @Test
    void ofSeveralLayoutsTheOneNearestToTheReferencesGoesOn() {
        Scene red = scene(Color.RED, 1, 3);
        Scene blue = scene(Color.BLUE, 7, 2);
        Scene bare = new Scene("nothing", "", List.of(), List.of(), 5, 4);
        Candidates candidates = new Candidates(List.of(red, blue, bare), 2);
        long[] seeds = candidates.seeds();
        assertThat(seeds).hasSize(6).startsWith(1).doesNotHaveDuplicates();
        assertThat(new long[] {seeds[3], seeds[5]}).containsExactly(7, 5);
        assertThat(candidates.spread(List.of("r", "b", "n"))).containsExactly("r", "r", "r", "b", "b", "n");
        List<BufferedImage> guesses = java.util.stream.Stream.of(
                        Color.GREEN, Color.BLUE, Color.RED, Color.BLUE, Color.RED, Color.RED)
                .map(BaseStageTest::plain)
                .toList();
        assertThat(candidates.step(1, () -> guesses, (_, previews) -> {
                    assertThat(previews.get()).containsExactly(guesses.get(0), guesses.get(3), guesses.get(5));
                    return List.of(0, 1, 2);
                }))
                .containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(candidates.step(2, () -> guesses, (_, previews) -> {
                    assertThat(previews.get()).containsExactly(guesses.get(2), guesses.get(3), guesses.get(5));
                    return List.of(0, 2);
                }))
                .containsExactly(2, 5);
        assertThat(candidates.step(3, () -> guesses.subList(0, 2), (_, previews) -> {
                    assertThat(previews.get()).hasSize(2);
                    return List.of(1);
                }))
                .containsExactly(1);
    }

    @Test
    void repeatedRowsAreThoseOfTheModel() {
        List<List<Integer>> selected = new ArrayList<>();
        ConditionedModel model = new ConditionedModel() {
            @Override
            public Tensor predict(Tensor xt, double t, List<List<Conditions>> evaluations) {
                return xt;
            }

            @Override
            public ConditionedModel select(List<Integer> rows) {
                selected.add(rows);
                return this;
            }
        };
        assertThat(RepeatedRows.of(model, List.of(0, 1, 2), 3)).isSameAs(model);
        ConditionedModel repeated = RepeatedRows.of(model, List.of(0, 0, 1, 2, 2), 3);
        assertThat(repeated.select(List.of(1, 2, 4))).isSameAs(model);
        assertThat(selected).isEmpty();
        ConditionedModel two = repeated.select(List.of(0, 1, 2)); // the third has left, the first still comes twice
        assertThat(two).isNotSameAs(model);
        two.select(List.of(0, 2));
        assertThat(selected).containsExactly(List.of(0, 1));
        try (var _ = new PointerScope()) {
            two.predict(torch.zeros(3), 0.5, List.of());
        }
        assertThat(selected).endsWith(List.of(0, 0, 1));
    }

    private static Scene scene(Color color, long seed, int candidates) {
        return new Scene("a fox", "", List.of(reference(color, 1)), List.of(plain(color)), seed, candidates);
    }

    @Test
    void aDrawingOfSeveralLayoutsIsOneOfThoseThatTheirSeedsDrawAlone() {
        SamplingConfig sampling = guided(0);
        Scene several = scene(Color.RED, 11, 4);
        List<int[]> alone = new ArrayList<>();
        for (long seed : new Candidates(List.of(several), 1).seeds()) {
            alone.add(draw(sampling, scene(Color.RED, seed, 1)));
        }
        List<BufferedImage> drawn = stage.draw(
                        List.of(scene(Color.BLUE, 3, 2), several),
                        sampling,
                        progress -> progress.previews().get().size() == 2)
                .images();
        assertThat(alone).anyMatch(one -> largestDifference(one, pixels(drawn.get(1))) <= 1);
        assertThat(draw(sampling, several)).isEqualTo(draw(sampling, several));
        assertThat(stage.work(sampling, 4).evaluations())
                .isEqualTo(stage.work(sampling, 1).evaluations() + 3 * 2);
        assertThat(draw(sampling.startingAt(0.5), several))
                .isEqualTo(draw(sampling.startingAt(0.5), scene(Color.RED, 11, 1)));
    }

    @Test
    void onlyGuidedStepsAreEvaluatedTwice() {
        GenerationRequest request = GenerationRequest.of("a cat").withSteps(20); // guided from t = 1 to 0.5
        assertThat(evaluations(request)).isEqualTo(30);
        assertThat(evaluations(request.withGuidance(new GuidanceWeights(2, 5, 0.1, 0))))
                .isEqualTo(40);
        assertThat(evaluations(request.withGuidance(new GuidanceWeights(2, 1, 0.1, 0))))
                .as("the most: steps that favour the text are guided yet")
                .isEqualTo(40);
        assertThat(evaluations(request.withGuidance(new GuidanceWeights(1, 1, 0.1, 0))))
                .isEqualTo(20);
    }

    private int evaluations(GenerationRequest request) {
        return stage.work(request.sampling(), 1).evaluations();
    }

    @Test
    void aLayoutNetworkMustFitTheBase(@TempDir Path folder) {
        withLayout(folder, 0.6).close();
        Path config = folder.resolve("layout").resolve("config.json");
        assertThatThrownBy(() -> reloaded(folder, config, "\"words\"", "\"letters\""))
                .hasMessageContaining("text_encoder");
        assertThatThrownBy(() -> reloaded(
                        folder, config, "\"letters\"", "\"words\"", "\"resolution\" : 8", "\"resolution\" : 24"))
                .hasMessageContaining("resolution must divide the base's 16, was 24");
    }

    private static void reloaded(Path folder, Path config, String... changes) throws IOException {
        String json = Files.readString(config);
        for (int i = 0; i < changes.length; i += 2) {
            assertThat(json).contains(changes[i]);
            json = json.replace(changes[i], changes[i + 1]);
        }
        Files.writeString(config, json);
        BaseStage.load(new ModelFolder(folder), new WordEncoder()).close();
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
