package org.reimagen.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.reimagen.core.model.NeighborInput;
import org.reimagen.core.model.TextInput;
import org.reimagen.core.model.UNet;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.core.tensor.Autocast;
import org.reimagen.core.tensor.Ops;
import org.reimagen.core.tensor.Precision;

class WeightsTest {
    private static TextInput text(int b) {
        return TextInput.of(torch.randn(b, 5, 12), torch.ones(b, 5).to(ScalarType.Bool), torch.randn(b, 12));
    }

    private static ScalarType precision(UNet net, String name) {
        return Objects.requireNonNull(Weights.named(net).get(name), name)
                .scalar_type()
                .intern();
    }

    @Test
    void aNetworkHeldForDrawingDrawsTheSame() {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard();
                var _ = Autocast.fastest()) {
            UNet net = new UNet(UNetConfig.tiny());
            Map<String, Tensor> parameters = Weights.named(net);
            parameters.values().forEach(p -> p.detach().add_(Ops.scale(torch.randn(p.shape()), 0.1)));
            Tensor xt = torch.randn(2, 3, 16, 16);
            Tensor t = Ops.floats(new float[] {0.3f, 0.7f}, 2);
            var features = net.encodeNeighbors(torch.randn(4, 3, 16, 16), text(4));
            var conditioning = net.condition(text(2), NeighborInput.inOrder(features, 2, 2));
            float[] before = Ops.toFloats(net.forward(xt, t, conditioning));
            Weights.forDrawing(net);
            assertThat(Ops.toFloats(net.forward(xt, t, conditioning))).containsExactly(before);
            ScalarType held = Precision.bfloat16IsFast() ? ScalarType.BFloat16 : ScalarType.Float;
            assertThat(precision(net, "dstack.stem.weight")).isEqualTo(held);
            assertThat(precision(net, "dstack.block_0_0.norm1.weight")).isEqualTo(ScalarType.Float);
            assertThat(precision(net, "ustack.mid_neighbor.null_kv")).isEqualTo(ScalarType.Float);
        }
    }
}
