package org.reimagen.train.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.reimagen.core.tensor.Precision;

/** Which optimiser serves which parameter. */
public enum Optimizers {
    /** Muon on matrices and kernels, AdamW on norms, biases and learned nulls. */
    MUON,
    /** AdamW on all. */
    ADAMW,
    /** Adafactor on all, as the paper's 64×64 stage. */
    ADAFACTOR;

    /** The optimiser over {@code parameters}. */
    public Optimizer over(Map<String, Tensor> parameters, double decay) {
        return switch (this) {
            case ADAMW -> new AdamW(parameters, decay);
            case ADAFACTOR -> new Adafactor(parameters);
            case MUON -> {
                Map<String, Tensor> matrices = new LinkedHashMap<>();
                Map<String, Tensor> rest = new LinkedHashMap<>();
                parameters.forEach(
                        (name, p) -> (p.dim() >= 2 && !name.contains("null") ? matrices : rest).put(name, p));
                yield new Both(List.of(
                        new Muon(matrices, decay, Precision.bfloat16IsFast() ? ScalarType.BFloat16 : ScalarType.Float),
                        new AdamW(rest, 0)));
            }
        };
    }

    private record Both(List<Optimizer> parts) implements Optimizer {
        @Override
        public void step(double lr, long step) {
            parts.forEach(p -> p.step(lr, step));
        }

        @Override
        public Map<String, Tensor> state() {
            Map<String, Tensor> state = new LinkedHashMap<>();
            parts.forEach(p -> state.putAll(p.state()));
            return state;
        }
    }
}
