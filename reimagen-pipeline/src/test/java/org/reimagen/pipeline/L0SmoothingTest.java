package org.reimagen.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.core.tensor.Ops;
import org.reimagen.pipeline.BaseStage.Scene;

/** Smoothing against its statement by sparse matrices (golden/l0_smoothing_fixtures.py), and what it may and may not touch. */
class L0SmoothingTest {
    private static final Path FIXTURE = Path.of("src/test/resources/golden/l0_smoothing.json");
    private static final int SIDE = 16;

    private static float[] smooth(float[] picture, int side, double lambda) {
        try (var _ = new PointerScope()) {
            Tensor smooth = L0Smoothing.smooth(Ops.floats(picture, 3, side, side), lambda);
            return Ops.toFloats(smooth);
        }
    }

    private static float[] floats(JsonNode values) {
        float[] found = new float[values.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = (float) (2 * values.get(i).asDouble() - 1);
        }
        return found;
    }

    /** Left half dark, right half light, both mottled by up to {@code mottle}. */
    private static float[] halves(float mottle) {
        Random random = new Random(1);
        float[] picture = new float[3 * SIDE * SIDE];
        for (int i = 0; i < picture.length; i++) {
            picture[i] = (i % SIDE < SIDE / 2 ? -0.5f : 0.5f) + mottle * (2 * random.nextFloat() - 1);
        }
        return picture;
    }

    @Test
    void agreesWithSparseMatrices() throws IOException {
        JsonNode fixture = new ObjectMapper().readTree(Files.readAllBytes(FIXTURE));
        assertThat(fixture.path("cases")).hasSize(6);
        for (JsonNode golden : fixture.path("cases")) {
            double weight = golden.path("weight").asDouble();
            float[] smooth =
                    smooth(floats(golden.path("picture")), fixture.path("side").asInt(), weight);
            float[] expected = floats(golden.path("smooth"));
            assertThat(smooth).hasSameSizeAs(expected);
            for (int i = 0; i < smooth.length; i++) {
                assertThat(smooth[i]).as("λ = %s, value %d", weight, i).isCloseTo(expected[i], within());
            }
        }
    }

    private static Offset<Float> within() {
        return offset(2e-6f);
    }

    /** Mean difference of pixels beside each other within the halves. */
    private static double mottle(float[] picture) {
        return IntStream.range(0, picture.length)
                .filter(i -> i % (SIDE / 2) != 0)
                .mapToDouble(i -> Math.abs(picture[i] - picture[i - 1]))
                .average()
                .orElseThrow();
    }

    @Test
    void flattensMottleAndKeepsTheEdge() {
        float[] mottled = halves(0.03f);
        float[] smooth = smooth(mottled, SIDE, 0.003);
        assertThat(mottle(smooth)).isLessThan(mottle(mottled) / 5);
        for (int i = 0; i < smooth.length; i++) {
            assertThat(smooth[i]).isCloseTo(i % SIDE < SIDE / 2 ? -0.5f : 0.5f, offset(0.02f));
        }
    }

    @Test
    void leavesFlatHalvesAndWhateverIsNotToBeSmoothed() {
        float[] flat = halves(0);
        assertThat(smooth(flat, SIDE, 0.003)).containsExactly(flat, within());
        float[] mottled = halves(0.1f);
        assertThat(smooth(mottled, SIDE, 0)).containsExactly(mottled);
    }

    @Test
    void eachSceneOfABatchIsSmoothedAsItAsks() {
        try (BaseStage stage = TinyStage.stage()) {
            List<BufferedImage> red = List.of(TinyStage.plain(Color.RED));
            SamplingConfig sampling = TinyStage.guided(0.5).startingAt(0.02);
            Scene asDrawn = new Scene("a fox", "", List.of(), red, 1, 1, Finish.NONE);
            Scene smooth = new Scene("a fox", "", List.of(), red, 1, 1, new Finish(0.05, 0));
            List<BufferedImage> drawn = stage.draw(List.of(asDrawn, smooth), sampling, ProgressListener.NONE)
                    .images();
            assertThat(colors(drawn.get(0))).isGreaterThan(colors(drawn.get(1)));
            assertThat(colors(drawn.get(1))).isPositive();
        }
    }

    private static long colors(BufferedImage picture) {
        int side = picture.getWidth();
        return Arrays.stream(picture.getRGB(0, 0, side, side, null, 0, side))
                .distinct()
                .count();
    }

    @Test
    void namesTheFieldThatIsOutOfRange() {
        assertThatThrownBy(() -> new Finish(0.11, 0))
                .isInstanceOf(ReImagenException.class)
                .hasMessage("smoothing must be 0 to 0.1, was 0.11");
        assertThatThrownBy(() -> new Finish(Double.NaN, 0)).hasMessageContaining("smoothing");
    }
}
