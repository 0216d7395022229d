package org.reimagen.core.model;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.reimagen.core.checkpoint.SafeTensors;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.tensor.Ops;

/** The Java network against its statement in PyTorch (golden/network_fixtures.py): outputs, loss and every gradient. */
class GoldenNetworkTest {
    private static SafeTensors plain;
    private static SafeTensors blending;
    private static SafeTensors deep;

    @BeforeAll
    static void open() {
        plain = SafeTensors.open(Path.of("src/test/resources/golden/network.safetensors"));
        blending = SafeTensors.open(Path.of("src/test/resources/golden/network_blend.safetensors"));
        deep = SafeTensors.open(Path.of("src/test/resources/golden/network_deep.safetensors"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"k0", "k1", "k3", "k3_no_text", "k3_no_neighbors", "k3_neither", "k3_by_row", "k3_weighted"})
    void agreesWithPyTorch(String name) {
        check(plain, UNetConfig.tiny(), name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"k0", "k3_by_row", "k3_weighted"})
    void agreesWithPyTorchWhereTheStemSeesTheMeanOfTheNeighbors(String name) {
        check(blending, UNetConfig.tiny().blending(), name);
    }

    @Test
    void agreesWithPyTorchWhereLevelsHaveDifferentNumbersOfBlocks() {
        check(deep, UNetConfig.tiny().blending().withBlocks(List.of(1, 2, 3)), "k3_by_row");
    }

    private static void check(SafeTensors golden, UNetConfig config, String name) {
        try (var _ = new PointerScope()) {
            torch.set_num_threads(1);
            UNet net = new UNet(config);
            Map<String, Tensor> parameters = Weights.named(net);
            parameters.forEach((n, p) -> p.detach().copy_(golden.tensor("weights/" + n)));
            Tensor out = forward(golden, net, name);
            Golden.assertClose(golden, name + "/out", out);
            Tensor loss = loss(golden, out);
            Golden.assertClose(golden, name + "/loss", loss.reshape(1));
            loss.backward();
            assertThat(parameters).hasSizeGreaterThan(100);
            parameters.forEach((n, p) -> Golden.assertClose(
                    golden, name + "/grad/" + n, p.grad().defined() ? p.grad() : torch.zeros(p.shape())));
        }
    }

    private static Tensor forward(SafeTensors golden, UNet net, String name) {
        int k = name.charAt(1) - '0';
        Tensor keep = golden.tensor(name + "/keep").to(ScalarType.Bool);
        Tensor logWeights = k == 0 ? torch.zeros(3, 0) : golden.tensor(name + "/log_weights");
        NeighborFeatures features = net.encodeNeighbors(in(golden, "neighbor_images"), text(golden, "neighbor_", null));
        Conditioning conditioning = net.condition(
                text(golden, "", keep),
                new NeighborInput(features, in(golden, "index").narrow(1, 0, k), logWeights));
        return net.forward(xt(golden), in(golden, "t"), conditioning);
    }

    private static TextInput text(SafeTensors golden, String prefix, @org.jspecify.annotations.Nullable Tensor keep) {
        TextInput all = TextInput.of(
                in(golden, prefix + "states"),
                in(golden, prefix + "mask").to(ScalarType.Bool),
                in(golden, prefix + "pooled"));
        return keep == null ? all : new TextInput(all.states(), all.mask(), all.pooled(), keep);
    }

    private static Tensor in(SafeTensors golden, String name) {
        return golden.tensor("in/" + name);
    }

    private static Tensor angle(SafeTensors golden) {
        return Ops.scale(in(golden, "t"), Math.PI / 2).reshape(3, 1, 1, 1);
    }

    private static Tensor xt(SafeTensors golden) {
        return angle(golden).cos().mul(in(golden, "x0")).add(angle(golden).sin().mul(in(golden, "noise")));
    }

    private static Tensor loss(SafeTensors golden, Tensor out) {
        Tensor v = angle(golden)
                .cos()
                .mul(in(golden, "noise"))
                .sub(angle(golden).sin().mul(in(golden, "x0")));
        return out.sub(v).square().mean();
    }
}
