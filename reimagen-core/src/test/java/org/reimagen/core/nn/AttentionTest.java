package org.reimagen.core.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.function.Function;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reimagen.core.tensor.Autocast;
import org.reimagen.core.tensor.Ops;

class AttentionTest {
    private static final int HEAD_DIM = 16;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void writtenOutInBfloat16ItIsTheFusedOneRounded(boolean masked) {
        assertIsRounded(masked, Inputs::read, 0.02f);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void gradientsAreThoseOfTheFusedOneRounded(boolean masked) {
        assertIsRounded(masked, Inputs::gradientOfKeys, 0.05f);
    }

    private static void assertIsRounded(boolean masked, Function<Inputs, float[]> computed, float tolerance) {
        try (var _ = new PointerScope()) {
            Inputs inputs = Inputs.random(masked);
            float[] fused = computed.apply(inputs);
            float[] rounded;
            try (var _ = Autocast.bfloat16()) {
                rounded = computed.apply(inputs);
            }
            assertThat(rounded).isNotEqualTo(fused);
            assertThat(rounded).containsExactly(fused, Offset.offset(tolerance));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMaskedTokenIsNotRead(boolean mixed) {
        try (var _ = new PointerScope();
                var _ = mixed ? Autocast.bfloat16() : Autocast.off()) {
            Inputs inputs = Inputs.random(true);
            float[] before = inputs.read();
            inputs.v().select(1, Inputs.MASKED).fill_(Ops.scalar(1000));
            assertThat(inputs.read()).isEqualTo(before);
        }
    }

    private record Inputs(Tensor q, Tensor k, Tensor v, Optional<Tensor> bias) {
        static final int MASKED = 3;

        static Inputs random(boolean masked) {
            torch.manual_seed(4);
            Tensor bias = torch.zeros(2, 1, 1, 11);
            bias.select(3, 0).fill_(Ops.scalar(Math.log(2)));
            bias.select(3, MASKED).fill_(Ops.scalar(Double.NEGATIVE_INFINITY));
            return new Inputs(
                    torch.randn(2, 5, 2 * HEAD_DIM),
                    torch.randn(2, 11, 2 * HEAD_DIM),
                    torch.randn(2, 11, 2 * HEAD_DIM),
                    masked ? Optional.of(bias) : Optional.empty());
        }

        float[] read() {
            return Ops.toFloats(Attention.attention(q, k, v, bias, HEAD_DIM));
        }

        float[] gradientOfKeys() {
            Tensor leaf = k.detach().clone().set_requires_grad(true);
            Attention.attention(q, leaf, v, bias, HEAD_DIM)
                    .to(ScalarType.Float)
                    .square()
                    .sum()
                    .backward();
            return Ops.toFloats(leaf.grad());
        }
    }
}
