package org.reimagen.core.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.reimagen.core.tensor.Ops;

/** Guidance whose colours are brought back to the strength of the guess without guidance. */
class RescaledGuidanceTest {
    private static final Guidance STRONG = new Guidance.Interleaved(1, 3, 0, new Guidance.Interval(0.4, 1));

    /** One pixel of a strong colour and one of pure white under all conditions; half the colour under fewer. */
    private static final float[] PLAIN = {0.4f, 1, 0.1f, 1, -0.2f, 1}; // [3,1,2]

    private static Tensor predict(Tensor xt, double t, List<List<Conditions>> conditions) {
        int images = conditions.getFirst().size();
        float[] values = new float[conditions.size() * images * PLAIN.length];
        for (int i = 0; i < values.length; i++) {
            Conditions asked = conditions.get(i / (images * PLAIN.length)).get(i / PLAIN.length % images);
            boolean white = i % 2 == 1;
            values[i] = PLAIN[i % PLAIN.length] * (asked == Conditions.BOTH || white ? 1 : 0.5f);
        }
        return Ops.floats(values, conditions.size(), images, 3, 1, 2);
    }

    private static List<float[]> draw(double t, Guidance... guidance) {
        SamplingConfig standard = SamplingConfig.standard(2, guidance[0]);
        SamplingConfig config = new SamplingConfig(
                standard.sampler(),
                standard.schedule(),
                standard.times(),
                Prediction.X0,
                guidance[0],
                new Thresholding.None());
        try (var _ = new PointerScope()) {
            Tensor xt = torch.zeros(guidance.length, 3, 1, 2);
            Tensor x0 = new GuidedDenoiser(
                            RescaledGuidanceTest::predict, config, List.of(guidance), new double[guidance.length])
                    .x0(xt, t);
            float[] all = Ops.toFloats(x0);
            return IntStream.range(0, guidance.length)
                    .mapToObj(i -> Arrays.copyOfRange(all, i * PLAIN.length, (i + 1) * PLAIN.length))
                    .toList();
        }
    }

    private static double color(float[] picture) {
        double grey = (picture[0] + picture[2] + picture[4]) / 3;
        return Math.sqrt(
                (Math.pow(picture[0] - grey, 2) + Math.pow(picture[2] - grey, 2) + Math.pow(picture[4] - grey, 2)) / 3);
    }

    @Test
    void colorsAreAsStrongAsWithoutGuidanceAndWhiteStaysWhite() {
        float[] whole = draw(1, new Guidance.Rescaled(STRONG, 1)).getFirst();
        assertThat(color(whole)).isCloseTo(color(PLAIN), within(1e-6));
        assertThat(new float[] {whole[1], whole[3], whole[5]}).containsExactly(1, 1, 1);
        // lightness is what guidance made it: (3 - 2 * 0.5) times the mean 0.1
        assertThat((whole[0] + whole[2] + whole[4]) / 3).isCloseTo(0.2f, within(1e-6f));
        float[] half = draw(1, new Guidance.Rescaled(STRONG, 0.5)).getFirst();
        assertThat(color(half)).isCloseTo(1.5 * color(PLAIN), within(1e-6));
    }

    @Test
    void everyImageHasItsOwnShare() {
        List<float[]> both = draw(1, STRONG, new Guidance.Rescaled(STRONG, 1));
        assertThat(both.getFirst()).containsExactly(draw(1, STRONG).getFirst());
        assertThat(both.getLast())
                .containsExactly(draw(1, new Guidance.Rescaled(STRONG, 1)).getFirst());
    }

    @Test
    void outsideItsIntervalNothingChanges() {
        assertThat(draw(0.3, new Guidance.Rescaled(STRONG, 1)).getFirst()).containsExactly(PLAIN);
    }

    @Test
    void whatCannotBeRescaledIsRefused() {
        assertThatThrownBy(() -> new Guidance.Rescaled(STRONG, 1.1)).hasMessageContaining("guidance rescale");
        Guidance additive = new Guidance.Additive(2, 2, Guidance.Interval.full());
        assertThatThrownBy(() -> new Guidance.Rescaled(additive, 0.5).at(1, 0)).hasMessageContaining("all conditions");
    }
}
