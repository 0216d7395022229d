package org.reimagen.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.SafeTensors;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.tensor.Ops;

class UNetTest {
    private static long count(UNetConfig config) {
        try (var _ = new PointerScope()) {
            return Weights.named(new UNet(config)).values().stream()
                    .mapToLong(Tensor::numel)
                    .sum();
        }
    }

    @Test
    void parametersAreCountedWithoutAllocating() {
        assertThat(ParameterCount.of(UNetConfig.tiny())).isEqualTo(count(UNetConfig.tiny()));
        UNetConfig blending = UNetConfig.tiny().blending();
        assertThat(ParameterCount.of(blending))
                .isEqualTo(count(blending))
                .isEqualTo(ParameterCount.of(UNetConfig.tiny()) + 9 * 12 * 8);
        assertThat(ParameterCount.of(UNetConfig.small()))
                .isEqualTo(count(UNetConfig.small()))
                .isEqualTo(8_695_788);
        UNetConfig deep = UNetConfig.small().withBlocks(List.of(2, 2, 4));
        assertThat(ParameterCount.of(deep)).isEqualTo(count(deep)).isEqualTo(13_800_300);
        assertThat(ParameterCount.of(UNetConfig.paper())).isBetween(1_500_000_000L, 3_000_000_000L);
    }

    private static TextInput text(int b) {
        return TextInput.of(torch.randn(b, 5, 12), torch.ones(b, 5).to(ScalarType.Bool), torch.randn(b, 12));
    }

    /** Random weights everywhere but in the neighbour path's output, as if a text-only model had been trained. */
    private static UNet textOnly() {
        UNet net = new UNet(UNetConfig.tiny());
        Weights.named(net).forEach((name, p) -> {
            if (!name.contains("neighbor")) {
                p.detach().add_(Ops.scale(torch.randn(p.shape()), 0.1));
            }
        });
        return net;
    }

    @Test
    void theNeighborPathStartsAtZero() {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            UNet net = textOnly();
            TextInput text = text(2);
            Tensor xt = torch.randn(2, 3, 16, 16);
            Tensor t = Ops.floats(new float[] {0.3f, 0.7f}, 2);
            NeighborFeatures features = net.encodeNeighbors(torch.randn(6, 3, 16, 16), text(6));
            Tensor with = net.forward(xt, t, net.condition(text, NeighborInput.inOrder(features, 2, 3)));
            Tensor without = net.forward(xt, t, net.condition(text, NeighborInput.inOrder(features, 2, 0)));
            assertThat(Ops.toFloats(with)).containsExactly(Ops.toFloats(without));
        }
    }

    @Test
    void aBlendingNetworkStartsAsTheOneItIsLoadedFrom(@TempDir Path folder) {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            UNet plain = textOnly();
            Path file = folder.resolve("plain.safetensors");
            SafeTensors.write(file, Map.of(), Weights.named(plain));
            UNet blending = new UNet(UNetConfig.tiny().blending());
            assertThatThrownBy(() -> Weights.load(blending, SafeTensors.open(file)))
                    .isInstanceOf(ReImagenException.class)
                    .hasMessageContaining("dstack.blend.weight");
            Weights.load(blending, SafeTensors.open(file), UNet.MAY_LACK);
            TextInput text = text(2);
            Tensor pictures = torch.randn(4, 3, 16, 16);
            TextInput captions = text(4);
            Tensor xt = torch.randn(2, 3, 16, 16);
            Tensor before = seen(plain, xt, text, pictures, captions);
            assertThat(Ops.toFloats(seen(blending, xt, text, pictures, captions)))
                    .containsExactly(Ops.toFloats(before));
            Weights.named(blending).forEach((name, p) -> p.detach().add_(Ops.scale(torch.ones(p.shape()), 0.01)));
            Weights.named(plain).forEach((name, p) -> p.detach().add_(Ops.scale(torch.ones(p.shape()), 0.01)));
            assertThat(Ops.toFloats(seen(blending, xt, text, pictures, captions)))
                    .isNotEqualTo(Ops.toFloats(seen(plain, xt, text, pictures, captions)));
        }
    }

    private static Tensor seen(UNet net, Tensor xt, TextInput text, Tensor pictures, TextInput captions) {
        NeighborFeatures features = net.encodeNeighbors(pictures, captions);
        Tensor t = Ops.floats(new float[] {0.3f, 0.7f}, 2);
        return net.forward(xt, t, net.condition(text, NeighborInput.inOrder(features, 2, 2)));
    }

    @Test
    void takesUpToSixteenNeighborsAndAnyOrder() {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            UNet net = textOnly();
            Weights.named(net).forEach((name, p) -> p.detach().add_(Ops.scale(torch.ones(p.shape()), 0.01)));
            TextInput text = text(1);
            Tensor xt = torch.randn(1, 3, 16, 16);
            Tensor t = Ops.floats(new float[] {0.5f}, 1);
            NeighborFeatures features = net.encodeNeighbors(torch.randn(16, 3, 16, 16), text(16));
            Tensor sixteen = net.forward(xt, t, net.condition(text, NeighborInput.inOrder(features, 1, 16)));
            Tensor removed = Ops.floats(new float[] {0, Float.NEGATIVE_INFINITY}, 1, 2);
            Tensor weighted = net.forward(
                    xt,
                    t,
                    net.condition(text, new NeighborInput(features, Ops.longs(new long[] {4, 9}, 1, 2), removed)));
            Tensor alone = net.forward(
                    xt,
                    t,
                    net.condition(
                            text,
                            new NeighborInput(
                                    features, Ops.longs(new long[] {4}, 1, 1), Ops.floats(new float[1], 1, 1))));
            assertThat(Ops.toFloats(sixteen)).doesNotContain(Float.NaN).isNotEqualTo(Ops.toFloats(alone));
            float[] a = Ops.toFloats(weighted);
            float[] b = Ops.toFloats(alone);
            for (int i = 0; i < a.length; i++) {
                assertThat(a[i]).isCloseTo(b[i], org.assertj.core.data.Offset.offset(1e-5f));
            }
        }
    }

    @Test
    void wrongShapesAreRefusedByName() {
        try (var _ = new PointerScope()) {
            UNet net = new UNet(UNetConfig.tiny());
            assertThatThrownBy(() -> net.encodeNeighbors(torch.randn(1, 3, 12, 12), text(1)))
                    .hasMessageContaining("12 is no multiple of 8");
            assertThatThrownBy(() -> net.encodeNeighbors(torch.randn(1, 1, 16, 16), text(1)))
                    .hasMessageContaining("picture has shape");
        }
        assertThatThrownBy(() ->
                        new UNetConfig(3, 2, List.of(10, 16), List.of(1, 1), List.of(false, true), 8, 16, 12, 4, false))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("channels");
    }
}
