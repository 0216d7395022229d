package org.reimagen.core.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.reimagen.core.tensor.Ops;

class PredictionTest {
    @Property(tries = 50)
    void conversionsAreInverse(
            @ForAll Prediction prediction,
            @ForAll @DoubleRange(min = 0.05, max = 0.95) double t,
            @ForAll @DoubleRange(min = -2, max = 2) double x0,
            @ForAll @DoubleRange(min = -2, max = 2) double noise) {
        NoiseSchedule schedule = new NoiseSchedule.Cosine();
        double alpha = schedule.alpha(t);
        double sigma = schedule.sigma(t);
        try (var _ = new PointerScope()) {
            Tensor clean = Ops.floats(new float[] {(float) x0}, 1, 1, 1, 1);
            Tensor xt = Ops.floats(new float[] {(float) (alpha * x0 + sigma * noise)}, 1, 1, 1, 1);
            Tensor output = prediction.fromX0(clean, xt, alpha, sigma);
            float back = Ops.toFloats(prediction.toX0(output, xt, alpha, sigma))[0];
            assertThat((double) back).isCloseTo(x0, within(1e-4));
            double expected = switch (prediction) {
                case EPS -> noise;
                case X0 -> x0;
                case V -> alpha * noise - sigma * x0;
            };
            assertThat((double) Ops.toFloats(output)[0]).isCloseTo(expected, within(1e-3));
        }
    }

    @Property
    void schedulesPreserveVarianceAndLoseSignal(@ForAll @DoubleRange(min = 0.01, max = 0.98) double t) {
        for (NoiseSchedule schedule : new NoiseSchedule[] {new NoiseSchedule.Cosine(), new NoiseSchedule.Linear()}) {
            double alpha = schedule.alpha(t);
            double sigma = schedule.sigma(t);
            assertThat(alpha * alpha + sigma * sigma).isCloseTo(1, within(1e-9));
            assertThat(schedule.logSnr(t)).isGreaterThan(schedule.logSnr(t + 0.005));
        }
    }

    @Test
    void dynamicThresholdingDividesByTheQuantile() {
        try (var _ = new PointerScope()) {
            float[] values = new float[100];
            for (int i = 0; i < 100; i++) {
                values[i] = i / 25f;
            }
            Tensor x0 = Ops.floats(values, 1, 1, 10, 10);
            float[] out = Ops.toFloats(new Thresholding.Dynamic(0.5).apply(x0));
            assertThat(out[99]).isEqualTo(1f);
            assertThat(out[25]).isCloseTo(1 / 1.98f, within(1e-4f));
            float[] small = Ops.toFloats(new Thresholding.Dynamic(0.5).apply(Ops.scale(x0, 0.1)));
            assertThat(small[99]).isCloseTo(0.396f, within(1e-4f));
        }
    }
}
