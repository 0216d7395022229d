package org.reimagen.train.optim;

import static org.reimagen.core.tensor.Ops.scalar;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/**
 * Adam with decoupled weight decay. <b>Source</b>: arXiv 1711.05101, algorithm 2.
 *
 * <p>β1 = 0.9, β2 = 0.98, ε = 1e-8.
 */
public final class AdamW implements Optimizer {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.98;
    private static final double EPSILON = 1e-8;

    private final Map<String, Tensor> parameters;
    private final Map<String, Tensor> first;
    private final Map<String, Tensor> second;
    private final double decay;

    /** Over {@code parameters}, with weight decay {@code decay}. */
    public AdamW(Map<String, Tensor> parameters, double decay) {
        this.parameters = Map.copyOf(parameters);
        this.first = Parameters.zerosLike(parameters);
        this.second = Parameters.zerosLike(parameters);
        this.decay = decay;
    }

    @Override
    public void step(double lr, long step) {
        double correction1 = 1 - Math.pow(BETA1, (double) step);
        double correction2 = Math.sqrt(1 - Math.pow(BETA2, (double) step));
        parameters.forEach((name, parameter) -> {
            Tensor grad = parameter.grad();
            if (!grad.defined()) {
                return;
            }
            Tensor p = parameter.detach();
            Tensor m = Objects.requireNonNull(first.get(name));
            Tensor v = Objects.requireNonNull(second.get(name));
            m.mul_(scalar(BETA1)).add_(grad, scalar(1 - BETA1));
            v.mul_(scalar(BETA2)).addcmul_(grad, grad, scalar(1 - BETA2));
            Tensor denominator = v.sqrt().div_(scalar(correction2)).add_(scalar(EPSILON));
            p.mul_(scalar(1 - lr * decay));
            p.addcdiv_(m, denominator, scalar(-lr / correction1));
        });
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        first.forEach((name, t) -> state.put("adamw.first/" + name, t));
        second.forEach((name, t) -> state.put("adamw.second/" + name, t));
        return state;
    }
}
