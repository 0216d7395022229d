package org.reimagen.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.reimagen.pipeline.TinyStage.SHAPE;
import static org.reimagen.pipeline.TinyStage.SIDE;
import static org.reimagen.pipeline.TinyStage.draw;
import static org.reimagen.pipeline.TinyStage.guided;
import static org.reimagen.pipeline.TinyStage.largestDifference;
import static org.reimagen.pipeline.TinyStage.net;
import static org.reimagen.pipeline.TinyStage.pixels;
import static org.reimagen.pipeline.TinyStage.plain;
import static org.reimagen.pipeline.TinyStage.reference;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.diffusion.ConditionedModel;
import org.reimagen.core.diffusion.Conditions;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.core.model.UNet;
import org.reimagen.pipeline.BaseStage.Scene;

/** How the layout of a picture comes about: a network for high noise, several layouts to choose from. */
class LayoutTest {
    @AutoClose
    private final BaseStage stage = TinyStage.stage();

    /** A model whose layout network draws from {@code fromTime} on. */
    private static BaseStage withLayout(Path folder, double fromTime) {
        ModelFolder model = new ModelFolder(folder);
        try (UNet base = net(3);
                UNet layout = net(4);
                var _ = new PointerScope()) {
            model.writeBase(new StageConfig(SHAPE, SIDE, "words"), Weights.named(base), Map.of());
            model.writeLayout(new StageConfig(SHAPE, SIDE / 2, "words", fromTime), Weights.named(layout), Map.of());
        }
        return BaseStage.load(model, new TinyStage.WordEncoder());
    }

    @Test
    void aLayoutNetworkDrawsAtHighNoiseOnly(@TempDir Path folder) {
        Scene scene = new Scene("a fox", List.of(reference(Color.RED, 1)), 1);
        Scene other = new Scene("an owl", "blue", List.of(reference(Color.BLUE, 1)), List.of(), 2, 3, Finish.NONE);
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
        Scene bare = new Scene("nothing", "", List.of(), List.of(), 5, 4, Finish.NONE);
        Candidates candidates = new Candidates(List.of(red, blue, bare), 2);
        long[] seeds = candidates.seeds();
        assertThat(seeds).hasSize(6).startsWith(1).doesNotHaveDuplicates();
        assertThat(new long[] {seeds[3], seeds[5]}).containsExactly(7, 5);
        assertThat(candidates.spread(List.of("r", "b", "n"))).containsExactly("r", "r", "r", "b", "b", "n");
        List<BufferedImage> guesses = java.util.stream.Stream.of(
                        Color.GREEN, Color.BLUE, Color.RED, Color.BLUE, Color.RED, Color.RED)
                .map(TinyStage::plain)
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
        return new Scene(
                "a fox", "", List.of(reference(color, 1)), List.of(plain(color)), seed, candidates, Finish.NONE);
    }

    @Test
    void aDrawingOfSeveralLayoutsIsOneOfThoseThatTheirSeedsDrawAlone() {
        SamplingConfig sampling = guided(0);
        Scene several = scene(Color.RED, 11, 4);
        List<int[]> alone = new ArrayList<>();
        for (long seed : new Candidates(List.of(several), 1).seeds()) {
            alone.add(draw(stage, sampling, scene(Color.RED, seed, 1)));
        }
        List<BufferedImage> drawn = stage.draw(
                        List.of(scene(Color.BLUE, 3, 2), several),
                        sampling,
                        progress -> progress.previews().get().size() == 2)
                .images();
        assertThat(alone).anyMatch(one -> largestDifference(one, pixels(drawn.get(1))) <= 1);
        assertThat(draw(stage, sampling, several)).isEqualTo(draw(stage, sampling, several));
        assertThat(stage.work(sampling, 4).evaluations())
                .isEqualTo(stage.work(sampling, 1).evaluations() + 3 * 2);
        assertThat(draw(stage, sampling.startingAt(0.5), several))
                .isEqualTo(draw(stage, sampling.startingAt(0.5), scene(Color.RED, 11, 1)));
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
        BaseStage.load(new ModelFolder(folder), new TinyStage.WordEncoder()).close();
    }
}
