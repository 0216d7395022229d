package org.reimagen.train.optim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.reimagen.core.checkpoint.SafeTensors;

/** Five steps of each optimiser against the Python reference (golden/optimizer_fixtures.py). */
class OptimizersTest {
    private static final int STEPS = 5;
    private static final double DECAY = 0.1;

    /** Of the largest value of a tensor. */
    private static final float TOLERANCE = 1e-5f;

    private final SafeTensors golden = SafeTensors.open(Path.of("src/test/resources/golden/optimizers.safetensors"));

    @Test
    void adamWAgreesWithTorch() {
        try (var _ = new PointerScope()) {
            Map<String, Tensor> parameters = start("matrix", "kernel", "bias");
            run(parameters, List.of(new AdamW(parameters, DECAY)));
            assertAgrees("adamw", parameters);
        }
    }

    @Test
    void muonInFloat32AgreesWithItsStatementInPython() {
        try (var _ = new PointerScope()) {
            Map<String, Tensor> matrices = start("matrix", "kernel");
            Map<String, Tensor> rest = start("bias");
            Map<String, Tensor> all = new LinkedHashMap<>(matrices);
            all.putAll(rest);
            run(all, List.of(new Muon(matrices, DECAY, ScalarType.Float), new AdamW(rest, 0)));
            assertAgrees("muon", all);
        }
    }

    @Test
    void adafactorAgreesWithTorch() {
        try (var _ = new PointerScope()) {
            Map<String, Tensor> parameters = start("matrix", "kernel", "bias");
            run(parameters, List.of(new Adafactor(parameters)));
            assertAgrees("adafactor", parameters);
        }
    }

    private Map<String, Tensor> start(String... names) {
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        for (String name : names) {
            parameters.put(name, golden.tensor("start/" + name).clone().set_requires_grad(true));
        }
        return parameters;
    }

    private void run(Map<String, Tensor> parameters, List<Optimizer> optimizers) {
        for (int i = 1; i <= STEPS; i++) {
            int step = i;
            Parameters.zeroGrad(parameters);
            parameters.forEach((name, p) ->
                    p.mul(golden.tensor("grad" + step + "/" + name)).sum().backward());
            optimizers.forEach(o -> o.step(0.01 * step, step));
        }
    }

    private void assertAgrees(String optimizer, Map<String, Tensor> parameters) {
        assertThat(parameters).hasSize(3);
        parameters.forEach((name, p) -> {
            Tensor expected = golden.tensor(optimizer + "/" + name);
            assertThat(largest(p.detach().sub(golden.tensor("start/" + name))))
                    .as("%s moved", name)
                    .isGreaterThan(0.01f);
            assertThat(largest(p.detach().sub(expected)))
                    .as("%s of %s", name, optimizer)
                    .isLessThan(TOLERANCE * largest(expected));
        });
    }

    private static float largest(Tensor tensor) {
        return torch.abs(tensor).max().item_float();
    }
}
