package org.reimagen.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.checkpoint.SafeTensors;
import org.reimagen.core.tensor.Ops;

/** Comparison with tensors that the PyTorch statement of a network made. */
final class Golden {
    private static final double TOLERANCE = 1e-5;

    private Golden() {}

    /** Fails unless every element agrees to 1e-5, relative to the largest if that is above 1. */
    static void assertClose(SafeTensors golden, String name, Tensor actual) {
        float[] expected = Ops.toFloats(golden.tensor(name));
        float[] got = Ops.toFloats(actual);
        assertThat(got).as(name).hasSameSizeAs(expected);
        double scale = 1;
        for (float e : expected) {
            scale = Math.max(scale, Math.abs(e));
        }
        for (int i = 0; i < got.length; i++) {
            assertThat((double) got[i])
                    .as("%s[%d] of %s", name, i, Arrays.toString(actual.shape()))
                    .isCloseTo(expected[i], within(TOLERANCE * scale));
        }
    }
}
