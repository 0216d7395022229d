package org.reimagen.eval.distance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reimagen.core.ReImagenException;

class CmmdTest {
    private static final List<float[]> X = List.of(new float[] {1, 0}, new float[] {0, 1});
    private static final List<float[]> Y = List.of(new float[] {-1, 0}, new float[] {0, 1}, new float[] {0, 1});

    @Test
    void equalSetsAreAtZero() {
        assertThat(Cmmd.of(Statistics.of(X), Statistics.of(X))).isCloseTo(0, within(1e-9));
    }

    /** By hand: k of squared distances 0, 2 and 4 is 1, e^-0.01 and e^-0.02, every sample with itself included. */
    @Test
    void isThePublishedFormula() {
        double near = Math.exp(-0.01);
        double far = Math.exp(-0.02);
        double xx = (2 + 2 * near) / 4;
        double yy = (5 + 4 * near) / 9;
        double xy = (far + 2 * near + near + 2) / 6;
        double expected = 1000 * (xx + yy - 2 * xy);
        assertThat(expected).isPositive();
        assertThat(Cmmd.of(Statistics.of(X), Statistics.of(Y))).isCloseTo(expected, within(1e-9));
        assertThat(Cmmd.of(Statistics.of(Y), Statistics.of(X))).isCloseTo(expected, within(1e-9));
    }

    @Test
    void refusesOtherNetworksAndMissingFeatures() {
        Statistics wide = Statistics.of(List.of(new float[] {1, 0, 0}, new float[] {0, 1, 0}));
        Statistics bare = new Statistics(2, new double[2], new double[4], List.of());
        assertThatThrownBy(() -> Cmmd.of(Statistics.of(X), wide))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("3 channels");
        assertThatThrownBy(() -> Cmmd.of(Statistics.of(X), bare))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("features");
    }
}
