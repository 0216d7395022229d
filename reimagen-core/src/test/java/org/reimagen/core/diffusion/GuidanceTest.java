package org.reimagen.core.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class GuidanceTest {
    private static final Guidance.Interval FULL = Guidance.Interval.full();

    @Property
    void weightsOfEveryMixSumToOne(
            @ForAll @DoubleRange(min = 0, max = 8) double text,
            @ForAll @DoubleRange(min = 0, max = 8) double neighbors,
            @ForAll @DoubleRange(min = 0, max = 1) double ratio,
            @ForAll @DoubleRange(min = 0, max = 0.99) double r) {
        for (Guidance guidance : new Guidance[] {
            new Guidance.None(),
            new Guidance.ClassifierFree(text, Conditions.NEIGHBORS_ONLY, FULL),
            new Guidance.Interleaved(text, neighbors, ratio, FULL),
            new Guidance.Additive(text, neighbors, FULL)
        }) {
            double sum = guidance.at(0.5, r).terms().stream()
                    .mapToDouble(Guidance.Term::weight)
                    .sum();
            assertThat(sum).isCloseTo(1, within(1e-9));
        }
    }

    @Property
    void interleavedNeverNeedsThreeEvaluations(
            @ForAll @DoubleRange(min = 0, max = 8) double text,
            @ForAll @DoubleRange(min = 0, max = 8) double neighbors,
            @ForAll @DoubleRange(min = 0, max = 0.99) double r) {
        assertThat(new Guidance.Interleaved(text, neighbors, 0.5, FULL)
                        .at(0.5, r)
                        .terms())
                .hasSizeBetween(1, 2);
    }

    @Test
    void drawBelowRatioEnhancesTheText() {
        Guidance guidance = new Guidance.Interleaved(2, 3, 0.5, FULL);
        assertThat(guidance.at(0.5, 0.49).terms())
                .containsExactly(
                        new Guidance.Term(Conditions.BOTH, 2), new Guidance.Term(Conditions.NEIGHBORS_ONLY, -1));
        assertThat(guidance.at(0.5, 0.5).terms())
                .containsExactly(new Guidance.Term(Conditions.BOTH, 3), new Guidance.Term(Conditions.TEXT_ONLY, -2));
    }

    @Test
    void weightOneIsNeutralAndCostsOneEvaluation() {
        assertThat(new Guidance.Interleaved(1, 1, 0.5, FULL).at(0.5, 0.1).terms())
                .containsExactly(new Guidance.Term(Conditions.BOTH, 1));
    }

    @Test
    void outsideItsIntervalGuidanceIsNeutral() {
        Guidance guidance = new Guidance.Interleaved(2, 3, 0.5, new Guidance.Interval(0.2, 0.8));
        assertThat(guidance.at(0.9, 0.1).terms()).containsExactly(new Guidance.Term(Conditions.BOTH, 1));
        assertThat(guidance.at(0.8, 0.1).terms()).hasSize(2);
    }

    @Test
    void refusesValuesOutOfRange() {
        assertThatThrownBy(() -> new Guidance.Interleaved(1, 1, 1.1, FULL)).hasMessageContaining("guidance ratio");
        assertThatThrownBy(() -> new Guidance.Interval(0.5, 0.2)).hasMessageContaining("interval");
    }
}
