package org.reimagen.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.tensor.Ops;
import org.reimagen.train.TrainingConfig.Emphasis;

/** What the 64×64 stage learns most: which times, and how flat areas are measured. */
class EmphasisTest {
    @Test
    void timesAreAPowerOfEvenOnesUpToTheLatest() {
        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        float[] times = Draws.times(random, 1000, 0, new Emphasis(2, 0.8, 0));
        assertThat(share(times, 0)).isZero();
        assertThat(share(times, 0.8001f)).isEqualTo(1);
        // P(t < 0.2) = sqrt(0.2 / 0.8)
        assertThat(share(times, 0.2f)).isCloseTo(0.5, within(0.002));
        assertThat(share(Draws.times(random, 1000, 0, Emphasis.NONE), 0.2f)).isCloseTo(0.2, within(0.002));
    }

    private static double share(float[] times, float below) {
        int count = 0;
        for (float t : times) {
            count += t < below ? 1 : 0;
        }
        return (double) count / times.length;
    }

    @Test
    void onlyPixelsThatAreAlikeInTheTruthAreHeldToBeEven() {
        try (var _ = new PointerScope()) {
            // One channel of 2 × 2: the left column is one colour, the right another.
            Tensor truth = Ops.floats(new float[] {-1, 1, -1, 1}, 1, 1, 2, 2);
            Tensor same = Ops.floats(new float[] {-0.5f, 0.5f, -0.5f, 0.5f}, 1, 1, 2, 2);
            Tensor blotched = Ops.floats(new float[] {-0.5f, 0.5f, -0.3f, 0.4f}, 1, 1, 2, 2);
            assertThat(Ops.toFloats(VLoss.unevenness(same, truth))).containsExactly(0);
            // |−0.5 + 0.3| and |0.5 − 0.4| down the columns, mean of two; nothing across them
            assertThat(Ops.toFloats(VLoss.unevenness(blotched, truth))[0]).isCloseTo(0.15f, within(1e-6f));
        }
    }

    @Test
    void aCheckpointFromBeforeHasNone() throws Exception {
        JsonMapper json = JsonMapper.builder().build();
        TrainingConfig.Data old =
                json.readValue("{\"seed\":3,\"batchSize\":8,\"smallSteps\":0}", TrainingConfig.Data.class);
        assertThat(old).isEqualTo(new TrainingConfig.Data(3, 8, 0));
        TrainingConfig.Data data = new TrainingConfig.Data(3, 8, 0, new Emphasis(1.5, 0.92, 3));
        assertThat(json.readValue(json.writeValueAsString(data), TrainingConfig.Data.class))
                .isEqualTo(data);
    }

    @Test
    void whatDoesNotFitIsRefusedByName() {
        assertThatThrownBy(() -> new Emphasis(0, 1, 0))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("time_power");
        assertThatThrownBy(() -> new Emphasis(1, 1.1, 0)).hasMessageContaining("to_time");
        assertThatThrownBy(() -> new Emphasis(1, 1, Double.NaN)).hasMessageContaining("flat");
    }
}
