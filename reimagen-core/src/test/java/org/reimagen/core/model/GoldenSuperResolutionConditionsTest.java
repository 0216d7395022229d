package org.reimagen.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.SafeTensors;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.nn.KeyValue;
import org.reimagen.core.tensor.Ops;

/** Super-resolution that reads text and neighbours, against its statement in PyTorch (golden/super_resolution_fixtures.py). */
class GoldenSuperResolutionConditionsTest {
    private static final int GRADIENTS_OF = 100; // times the loss
    private static final SuperResolutionConfig CONFIG =
            SuperResolutionConfig.tiny().reading(new ConditionsConfig(12, 4, 3, 16));
    private static final List<String> ADDED = List.of("text_attention", "neighbor_attention");
    private static SafeTensors golden;

    @BeforeAll
    static void open() {
        golden = SafeTensors.open(Path.of("src/test/resources/golden/super_resolution_conditions.safetensors"));
        torch.set_num_threads(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "k0",
                "k1",
                "k3",
                "k3_no_text",
                "k3_no_neighbors",
                "k3_neither",
                "k3_by_row",
                "k3_weighted",
                "k3_crop"
            })
    void outputLossAndEveryGradientAgreeWithPyTorch(String name) {
        try (var _ = new PointerScope()) {
            SuperResolutionUNet net = network();
            Map<String, Tensor> parameters = Weights.named(net);
            int k = name.charAt(1) - '0';
            Tensor keep = golden.tensor(name + "/keep").to(ScalarType.Bool);
            Tensor logWeights = k == 0 ? torch.zeros(2, 0) : golden.tensor(name + "/log_weights");
            SuperResolutionConditioning.Read read =
                    SuperResolutionUNet.read(encoded(net), in("index").narrow(1, 0, k), logWeights);
            TextInput all = text("");
            SuperResolutionConditioning conditioning =
                    net.condition(new TextInput(all.states(), all.mask(), all.pooled(), keep), read);
            Tensor out = net.forward(xt(), in("t"), low(), in("level"), conditioning, golden.tensor(name + "/place"));
            Golden.assertClose(golden, name + "/out", out);
            Tensor loss = out.sub(in("x0"))
                    .div(net.outputScale(in("t"), in("level")))
                    .square()
                    .mean();
            Golden.assertClose(golden, name + "/loss", loss.reshape(1));
            Ops.scale(loss, GRADIENTS_OF).backward();
            assertThat(parameters).hasSizeGreaterThan(70);
            parameters.forEach((n, p) -> Golden.assertClose(
                    golden, name + "/grad/" + n, p.grad().defined() ? p.grad() : torch.zeros(p.shape())));
        }
    }

    @Test
    void droppingLaterEqualsDroppingAtOnce() {
        try (var _ = new PointerScope()) {
            SuperResolutionUNet net = network();
            Tensor index = in("index");
            SuperResolutionConditioning both =
                    net.condition(text(""), SuperResolutionUNet.read(encoded(net), index, torch.zeros(2, 3)));
            Tensor keepText = Ops.booleans(new boolean[] {true, false}, 2);
            Tensor keepNeighbors = Ops.booleans(new boolean[] {false, true}, 2);
            Tensor out = net.forward(xt(), in("t"), low(), in("level"), both.keeping(keepText, keepNeighbors), null);
            Golden.assertClose(golden, "k3_by_row/out", out);
            Tensor twice = net.forward(
                    xt().repeat(2, 1, 1, 1),
                    in("t").repeat(2),
                    low().repeat(2, 1, 1, 1),
                    in("level").repeat(2),
                    both.tile(2),
                    null);
            Golden.assertClose(golden, "k3/out", twice.narrow(0, 2, 2));
        }
    }

    @Test
    void theOldNetworkIsTheStartOfTheNew() {
        try (var _ = new PointerScope()) {
            SafeTensors old = SafeTensors.open(Path.of("src/test/resources/golden/super_resolution.safetensors"));
            SuperResolutionUNet before = new SuperResolutionUNet(SuperResolutionConfig.tiny());
            SuperResolutionUNet after = new SuperResolutionUNet(CONFIG);
            Weights.named(before).forEach((n, p) -> p.detach().copy_(old.tensor("weights/" + n)));
            Map<String, Tensor> parameters = Weights.named(before);
            Weights.named(after).forEach((n, p) -> {
                if (parameters.containsKey(n)) {
                    p.detach().copy_(parameters.get(n));
                }
            });
            SuperResolutionConditioning both =
                    after.condition(text(""), SuperResolutionUNet.read(encoded(after), in("index"), torch.zeros(2, 3)));
            Tensor expected = before.forward(xt(), in("t"), low(), in("level"));
            Tensor actual = after.forward(xt(), in("t"), low(), in("level"), both, null);
            assertThat(Ops.toFloats(actual)).containsExactly(Ops.toFloats(expected));
        }
    }

    @Test
    void aCropThatKnowsItsPlaceIsDrawnAsTheWholePictureIs() {
        try (var _ = new PointerScope()) {
            torch.manual_seed(3);
            SuperResolutionUNet net = network();
            Tensor index = Ops.longs(new long[] {1, 2, 3}, 1, 3);
            TextInput text = text("");
            TextInput first = TextInput.of(
                    text.states().narrow(0, 0, 1),
                    text.mask().narrow(0, 0, 1),
                    text.pooled().narrow(0, 0, 1));
            SuperResolutionConditioning both =
                    net.condition(first, SuperResolutionUNet.read(encoded(net), index, torch.zeros(1, 3)));
            Tensor xt = torch.randn(1, 3, 128, 128);
            Tensor low = torch.randn(1, 3, 128, 128).tanh();
            Tensor t = Ops.floats(new float[] {0.5f}, 1);
            Tensor whole = net.forward(xt, t, low, t, both, null);
            Tensor place = Ops.floats(new float[] {0.125f, 0.25f, 0.75f}, 1, 3);
            Tensor part = net.forward(crop(xt), t, crop(low), t, both, place);
            assertThat(difference(whole, part)).isLessThan(1e-4f);
            Tensor unplaced = net.forward(crop(xt), t, crop(low), t, both, null);
            assertThat(difference(whole, unplaced)).isGreaterThan(1e-4f);
        }
    }

    @Test
    void whatDoesNotFitIsNamed() {
        try (var _ = new PointerScope()) {
            SuperResolutionUNet plain = new SuperResolutionUNet(SuperResolutionConfig.tiny());
            assertThatThrownBy(() -> plain.condition(text(""), null)).hasMessageContaining("reads no text");
            assertThatThrownBy(() -> encoded(plain)).hasMessageContaining("reads no neighbours");
        }
        assertThatThrownBy(() -> new ConditionsConfig(0, 4, 3, 16))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("textDim");
        assertThatThrownBy(() -> new ConditionsConfig(12, 4, 17, 16)).hasMessageContaining("neighbors");
        assertThatThrownBy(() -> SuperResolutionConfig.tiny().reading(new ConditionsConfig(12, 5, 3, 16)))
                .hasMessageContaining("headDim");
        assertThatThrownBy(() -> SuperResolutionConfig.tiny().reading(new ConditionsConfig(12, 4, 3, 18)))
                .hasMessageContaining("neighborResolution");
    }

    private static float difference(Tensor whole, Tensor part) {
        int border = 28; // the receptive field reaches no farther
        int inner = 96 - 2 * border;
        return crop(whole)
                .sub(part)
                .narrow(2, border, inner)
                .narrow(3, border, inner)
                .abs()
                .max()
                .item_float();
    }

    private static Tensor crop(Tensor x) {
        return x.narrow(2, 32, 96).narrow(3, 16, 96).contiguous();
    }

    private static SuperResolutionUNet network() {
        SuperResolutionUNet net = new SuperResolutionUNet(CONFIG);
        Weights.named(net).forEach((n, p) -> p.detach().copy_(golden.tensor("weights/" + n)));
        assertThat(Weights.named(net).keySet()).anyMatch(n -> ADDED.stream().anyMatch(n::startsWith));
        return net;
    }

    private static KeyValue encoded(SuperResolutionUNet net) {
        Tensor pictures = in("neighbor_images");
        return net.encodeNeighbors(pictures, SuperResolutionUNet.blurred(pictures, 4), text("neighbor_"));
    }

    private static TextInput text(String prefix) {
        Tensor states = in(prefix + "states");
        Tensor pooled = torch.zeros(states.size(0), states.size(2)); // these stages do not read it
        return TextInput.of(states, in(prefix + "mask").to(ScalarType.Bool), pooled);
    }

    private static Tensor in(String name) {
        return golden.tensor("in/" + name);
    }

    private static Tensor low() {
        return SuperResolutionUNet.enlarge(in("small"), 16);
    }

    private static Tensor xt() {
        Tensor angle = Ops.scale(in("t"), Math.PI / 2).reshape(2, 1, 1, 1);
        return angle.cos().mul(in("x0")).add(angle.sin().mul(in("noise")));
    }
}
