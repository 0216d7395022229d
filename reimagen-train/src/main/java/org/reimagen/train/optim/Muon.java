package org.reimagen.train.optim;

import static org.reimagen.core.tensor.Ops.scalar;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.reimagen.core.tensor.Precision;

/**
 * Momentum whose update is made orthogonal, for matrices and convolution kernels.
 *
 * <p>A kernel is read as [out, rest]; five Newton–Schulz steps in bfloat16 bring the singular values of the Nesterov momentum
 * to about 1; the result is scaled by 0.2·√max(rows, columns), so that AdamW's learning rates fit. <b>Source</b>: K. Jordan et
 * al., Muon, 2024; scale from arXiv 2502.16982, equation 4.
 */
public final class Muon implements Optimizer {
    private static final double MOMENTUM = 0.95;
    private static final int ITERATIONS = 5;

    private final Map<String, Tensor> parameters;
    private final Map<String, Tensor> momentum;
    private final double decay;

    /** Over {@code parameters}, each of two dimensions or more, with weight decay {@code decay}. */
    public Muon(Map<String, Tensor> parameters, double decay) {
        this.parameters = Map.copyOf(parameters);
        this.momentum = Parameters.zerosLike(parameters);
        this.decay = decay;
    }

    @Override
    public void step(double lr, long step) {
        parameters.forEach((name, parameter) -> {
            Tensor grad = parameter.grad();
            if (!grad.defined()) {
                return;
            }
            Tensor m = Objects.requireNonNull(momentum.get(name));
            m.mul_(scalar(MOMENTUM)).add_(grad);
            Tensor nesterov = grad.add(m, scalar(MOMENTUM));
            long rows = parameter.size(0);
            long columns = parameter.numel() / rows;
            Tensor update = orthogonal(nesterov.reshape(rows, columns)).reshape(parameter.shape());
            double scale = 0.2 * Math.sqrt((double) Math.max(rows, columns));
            Tensor p = parameter.detach();
            p.mul_(scalar(1 - lr * decay));
            p.add_(update, scalar(-lr * scale));
        });
    }

    /** The nearest matrix whose singular values are all about 1; {@code [R,C] float32 -> [R,C] float32}. */
    static Tensor orthogonal(Tensor g) {
        boolean tall = g.size(0) > g.size(1);
        ScalarType type = Precision.bfloat16IsFast() ? ScalarType.BFloat16 : ScalarType.Float;
        Tensor x = g.to(type);
        x = tall ? x.t() : x;
        x = x.div(x.to(ScalarType.Float).norm().add_(scalar(1e-7)).to(type));
        for (int i = 0; i < ITERATIONS; i++) {
            Tensor y = x.matmul(x.t());
            Tensor z = y.mul(scalar(-4.7750)).add(y.matmul(y).mul(scalar(2.0315)));
            x = x.mul(scalar(3.4445)).add(z.matmul(x));
        }
        return (tall ? x.t() : x).to(ScalarType.Float);
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        momentum.forEach((name, t) -> state.put("muon.momentum/" + name, t));
        return state;
    }
}
