package org.reimagen.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.reimagen.core.checkpoint.SafeTensors;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.tensor.Ops;

/** The Java network against its statement in PyTorch (golden/super_resolution_fixtures.py). */
class GoldenSuperResolutionTest {
    private final SafeTensors golden =
            SafeTensors.open(Path.of("src/test/resources/golden/super_resolution.safetensors"));

    @Test
    void outputLossAndEveryGradientAgreeWithPyTorch() {
        try (var _ = new PointerScope()) {
            torch.set_num_threads(1);
            SuperResolutionUNet net = new SuperResolutionUNet(SuperResolutionConfig.tiny());
            Map<String, Tensor> parameters = Weights.named(net);
            parameters.forEach((n, p) -> p.detach().copy_(golden.tensor("weights/" + n)));
            Tensor low = SuperResolutionUNet.enlarge(golden.tensor("in/small"), 16);
            Golden.assertClose(golden, "low", low);
            Tensor angle = Ops.scale(golden.tensor("in/t"), Math.PI / 2).reshape(2, 1, 1, 1);
            Tensor x0 = golden.tensor("in/x0");
            Tensor noise = golden.tensor("in/noise");
            Tensor xt = angle.cos().mul(x0).add(angle.sin().mul(noise));
            Tensor out = net.forward(xt, golden.tensor("in/t"), low, golden.tensor("in/level"));
            Golden.assertClose(golden, "out", out);
            Tensor loss = out.sub(x0)
                    .div(net.outputScale(golden.tensor("in/t"), golden.tensor("in/level")))
                    .square()
                    .mean();
            Golden.assertClose(golden, "loss", loss.reshape(1));
            loss.backward();
            assertThat(parameters).hasSizeGreaterThan(50);
            parameters.forEach((n, p) -> Golden.assertClose(golden, "grad/" + n, p.grad()));
        }
    }

    @Test
    void aCropIsDrawnAsTheWholePictureIs() {
        try (var _ = new PointerScope()) {
            torch.manual_seed(3);
            SuperResolutionUNet net = new SuperResolutionUNet(SuperResolutionConfig.tiny());
            Weights.named(net).forEach((n, p) -> p.detach().copy_(golden.tensor("weights/" + n)));
            Tensor xt = torch.randn(1, 3, 128, 128);
            Tensor low = torch.randn(1, 3, 128, 128).tanh();
            Tensor t = Ops.floats(new float[] {0.5f}, 1);
            Tensor whole = net.forward(xt, t, low, t);
            Tensor part = net.forward(crop(xt), t, crop(low), t);
            int border = 28; // the receptive field reaches no farther
            Tensor difference =
                    crop(whole).sub(part).narrow(2, border, 96 - 2 * border).narrow(3, border, 96 - 2 * border);
            assertThat(difference.abs().max().item_float()).isLessThan(1e-4f);
        }
    }

    private static Tensor crop(Tensor x) {
        return x.narrow(2, 16, 96).narrow(3, 16, 96).contiguous();
    }

    @Test
    void refusesSidesThatDoNotFit() {
        try (var _ = new PointerScope()) {
            SuperResolutionUNet net = new SuperResolutionUNet(SuperResolutionConfig.tiny());
            Tensor x = torch.zeros(1, 3, 18, 18);
            Tensor t = torch.zeros(1);
            assertThatThrownBy(() -> net.forward(x, t, x, t)).hasMessageContaining("multiples of 4");
        }
    }
}
