package org.reimagen.eval.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DualRecallTest {
    /** A unit vector in the plane. */
    private static float[] at(double degrees) {
        return new float[] {(float) Math.cos(Math.toRadians(degrees)), (float) Math.sin(Math.toRadians(degrees))};
    }

    @Test
    void placesAreCountedBothWays() {
        Map<String, float[]> names = new TreeMap<>(Map.of("ant", at(0), "bee", at(90)));
        DualRecall recall = new DualRecall(
                names,
                List.of(
                        Map.entry("ant", at(10)), // nearest to its own name
                        Map.entry("ant", at(80)), // nearer to bee
                        Map.entry("bee", at(70)), // its own, but the second for "bee"
                        Map.entry("bee", at(60))));
        assertThat(recall.entities()).isEqualTo(2);
        assertThat(recall.pictures()).isEqualTo(4);
        assertThat(value(recall.byText(), 1)).isEqualTo(0.5); // ant's own comes first, bee's does not
        assertThat(value(recall.byText(), 5)).isEqualTo(1);
        assertThat(value(recall.byPicture(), 1)).isEqualTo(0.75); // mean of 1/2 and 2/2
        assertThat(Objects.requireNonNull(recall.chanceByText().get(1))).isCloseTo(0.5, within(1e-12));
        assertThat(Objects.requireNonNull(recall.chanceByText().get(5))).isEqualTo(1);
        assertThat(Objects.requireNonNull(recall.chanceByPicture().get(1))).isEqualTo(0.5);
    }

    private static double value(Map<Integer, org.reimagen.eval.Interval> table, int k) {
        return Objects.requireNonNull(table.get(k)).value();
    }
}
