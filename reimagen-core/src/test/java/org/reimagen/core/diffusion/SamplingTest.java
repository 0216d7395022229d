package org.reimagen.core.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reimagen.core.tensor.Ops;

class SamplingTest {
    private static final Guidance GUIDANCE = new Guidance.Interleaved(2, 3, 0.5, Guidance.Interval.full());

    /** A network whose prediction depends on the conditions, row by row. */
    private static final ConditionedModel MODEL = (xt, t, evaluations) -> {
        Tensor[] outputs = new Tensor[evaluations.size()];
        for (int e = 0; e < outputs.length; e++) {
            float[] level = new float[evaluations.get(e).size()];
            for (int i = 0; i < level.length; i++) {
                Conditions seen = evaluations.get(e).get(i);
                level[i] = (seen.text() ? 0.1f : 0) + (seen.neighbors() ? 0.2f : 0);
            }
            outputs[e] = Ops.scale(xt, 0.5)
                    .add(Ops.floats(level, level.length, 1, 1, 1))
                    .unsqueeze(0);
        }
        return Ops.cat(0, outputs);
    };

    private static Sampler sampler(String name) {
        return switch (name) {
            case "ddpm" -> new Sampler.Ddpm();
            case "ddim" -> new Sampler.Ddim(0);
            case "heun" -> new Sampler.EdmHeun();
            default -> new Sampler.DpmSolverPlusPlus2M();
        };
    }

    private static SamplingConfig config(Sampler sampler, int steps) {
        NoiseSchedule schedule = new NoiseSchedule.Cosine();
        return new SamplingConfig(
                sampler, schedule, schedule.times(steps), Prediction.V, GUIDANCE, new Thresholding.Dynamic(0.995));
    }

    private static float[] sample(Sampler sampler, long... seeds) {
        try (var _ = new PointerScope()) {
            return Ops.toFloats(new Sampling(MODEL, config(sampler, 8)).run(seeds, 8, StepListener.NONE));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ddpm", "ddim", "heun", "dpm"})
    void anImageIsTheSameInAnyBatch(String name) {
        float[] alone = sample(sampler(name), 7);
        float[] batch = sample(sampler(name), 3, 7, 11);
        assertThat(Arrays.copyOfRange(batch, 192, 384)).containsExactly(alone);
        assertThat(sample(sampler(name), 8)).isNotEqualTo(alone);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ddpm", "ddim", "heun", "dpm"})
    void anImageIsTheSameWhoeverLeavesItsBatchAndWhateverTheOthersFollow(String name) {
        List<Guidance> guidance = List.of(new Guidance.None(), GUIDANCE, GUIDANCE);
        try (var _ = new PointerScope()) {
            float[] left = Ops.toFloats(new Sampling(MODEL, config(sampler(name), 8))
                    .runBatch(new long[] {3, 11, 7}, guidance, 8, (index, t, x0) -> switch (index) {
                        case 2 -> List.of(0, 2);
                        case 5 -> List.of(1);
                        default ->
                            IntStream.range(0, Math.toIntExact(x0.size(0)))
                                    .boxed()
                                    .toList();
                    }));
            assertThat(left).containsExactly(sample(sampler(name), 7));
        }
    }

    @Test
    void aBatchThatAllLeaveStops() {
        try (var _ = new PointerScope()) {
            Sampling sampling = new Sampling(MODEL, config(new Sampler.Ddim(0), 8));
            List<Guidance> guidance = List.of(GUIDANCE, GUIDANCE);
            assertThatThrownBy(() -> sampling.runBatch(new long[] {1, 2}, guidance, 8, (index, t, x0) -> List.of()))
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("after step 1");
            assertThatThrownBy(() -> sampling.runBatch(new long[] {1}, guidance, 8, (index, t, x0) -> List.of(0)))
                    .hasMessageContaining("as many guidances");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ddim", "heun", "dpm"})
    void findsAKnownPicture(String name) {
        NoiseSchedule schedule = new NoiseSchedule.Cosine();
        ConditionedModel oracle = (xt, t, evaluations) -> Prediction.V
                .fromX0(Ops.scale(xt, 0).add(Ops.scalar(0.25)), xt, schedule.alpha(t), schedule.sigma(t))
                .unsqueeze(0);
        SamplingConfig config = new SamplingConfig(
                sampler(name),
                schedule,
                schedule.times(12),
                Prediction.V,
                new Guidance.None(),
                new Thresholding.Static());
        try (var _ = new PointerScope()) {
            float[] pixels = Ops.toFloats(new Sampling(oracle, config).run(new long[] {1}, 8, StepListener.NONE));
            assertThat(pixels[5]).isCloseTo(0.25f, within(1e-3f));
            assertThat(pixels[191]).isCloseTo(0.25f, within(1e-3f));
        }
    }

    @Test
    void listenerStopsTheRun() {
        try (var _ = new PointerScope()) {
            Sampling sampling = new Sampling(MODEL, config(new Sampler.Ddim(0), 8));
            assertThatThrownBy(() -> sampling.run(new long[] {1}, 8, (index, t, x0) -> index < 2))
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("after step 3");
        }
    }

    @Test
    void leavesNoNativeMemoryBehind() {
        sample(new Sampler.DpmSolverPlusPlus2M(), 1, 2);
        long before = Pointer.totalCount();
        for (int i = 0; i < 20; i++) {
            sample(new Sampler.DpmSolverPlusPlus2M(), 1, 2);
        }
        assertThat(Pointer.totalCount() - before).isLessThan(20);
    }

    @Test
    void timesDescendToZero() {
        List<Double> times = new NoiseSchedule.Linear().times(4);
        assertThat(times).containsExactly(1.0, 0.75, 0.5, 0.25, 0.0);
        assertThatThrownBy(() -> new NoiseSchedule.Cosine().times(0)).hasMessageContaining("steps");
    }
}
