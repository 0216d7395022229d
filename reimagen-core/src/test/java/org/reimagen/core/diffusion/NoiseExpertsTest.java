package org.reimagen.core.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.reimagen.core.tensor.Ops;

class NoiseExpertsTest {
    private static final NoiseSchedule SCHEDULE = new NoiseSchedule.Cosine();
    private static final List<List<Conditions>> TWICE = List.of(
            List.of(Conditions.BOTH, Conditions.BOTH, Conditions.BOTH),
            List.of(Conditions.TEXT_ONLY, Conditions.TEXT_ONLY, Conditions.TEXT_ONLY));

    /** Knows the pictures, and tells when it was asked. */
    private record Knowing(Tensor x0, List<Double> asked) implements ConditionedModel {
        @Override
        public Tensor predict(Tensor xt, double t, List<List<Conditions>> evaluations) {
            asked.add(t);
            assertThat(xt.shape()).isEqualTo(x0.shape());
            Tensor v = Prediction.V.fromX0(x0, xt, SCHEDULE.alpha(t), SCHEDULE.sigma(t));
            return torch.stack(
                    new org.bytedeco.pytorch.TensorVector(
                            evaluations.stream().map(_ -> v).toArray(Tensor[]::new)),
                    0);
        }

        @Override
        public Knowing select(List<Integer> rows) {
            long[] index = rows.stream().mapToLong(Integer::longValue).toArray();
            return new Knowing(x0.index_select(0, Ops.longs(index, index.length)), asked);
        }
    }

    private static Tensor enlarged(Tensor small) {
        return torch.upsample_nearest2d(small, 2 * small.size(2), 2 * small.size(3));
    }

    private static double largest(Tensor difference) {
        return Ops.toFloats(difference.abs().max().reshape(1))[0];
    }

    @Property
    void theCoarseNetworkMeetsLessNoise(
            @ForAll @DoubleRange(min = 0.01, max = 0.99) double t, @ForAll @IntRange(min = 1, max = 4) int factor) {
        double own = NoiseExperts.coarseTime(t, factor);
        double ratio = SCHEDULE.sigma(t) / SCHEDULE.alpha(t);
        assertThat(SCHEDULE.sigma(own) / SCHEDULE.alpha(own)).isCloseTo(ratio / factor, within(1e-9 * (1 + ratio)));
        assertThat(own).isLessThanOrEqualTo(t + 1e-12);
    }

    @Property(tries = 20)
    void whatTheCoarseNetworkKnowsIsTheVelocityOfTheLargePicture(@ForAll @DoubleRange(min = 0.5, max = 0.99) double t) {
        try (var _ = new PointerScope()) {
            torch.manual_seed(5);
            Tensor small = torch.rand(3, 3, 4, 4);
            Tensor noise = torch.randn(3, 3, 8, 8);
            Tensor x0 = enlarged(small);
            Tensor xt = Ops.scale(x0, SCHEDULE.alpha(t)).add(Ops.scale(noise, SCHEDULE.sigma(t)));
            Tensor v = Ops.scale(noise, SCHEDULE.alpha(t)).sub(Ops.scale(x0, SCHEDULE.sigma(t)));
            ConditionedModel never = (_, _, _) -> {
                throw new AssertionError("the fine network was asked");
            };
            Tensor out = new NoiseExperts(new Knowing(small, new ArrayList<>()), never, 2, 0).predict(xt, t, TWICE);
            assertThat(out.shape()).containsExactly(2, 3, 3, 8, 8);
            assertThat(largest(out.sub(v))).isLessThan(1e-4);
        }
    }

    @Test
    void eachIsAskedAtItsOwnLevelsAndForTheRowsThatAreLeft() {
        try (var _ = new PointerScope()) {
            Tensor small = torch.rand(3, 3, 4, 4);
            List<Double> coarse = new ArrayList<>();
            List<Double> fine = new ArrayList<>();
            ConditionedModel experts =
                    new NoiseExperts(new Knowing(small, coarse), new Knowing(enlarged(small), fine), 2, 0.6);
            experts.predict(torch.randn(3, 3, 8, 8), 0.9, TWICE);
            assertThat(coarse).singleElement().satisfies(t -> assertThat(t).isLessThan(0.9));
            assertThat(fine).isEmpty();
            ConditionedModel two = experts.select(List.of(0, 2));
            List<List<Conditions>> once = List.of(List.of(Conditions.BOTH, Conditions.BOTH));
            assertThat(two.predict(torch.randn(2, 3, 8, 8), 0.7, once).shape()).containsExactly(1, 2, 3, 8, 8);
            assertThat(fine).containsExactly(0.7);
            two.predict(torch.randn(2, 3, 8, 8), 0.95, once);
            assertThat(coarse).hasSize(2);
        }
    }
}
