package org.reimagen.train.optim;

import static org.reimagen.core.tensor.Ops.scalar;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Second moments kept as row and column sums only, without momentum; updates clipped to unit root mean square.
 *
 * <p><b>Source</b>: arXiv 1804.04235, algorithm 4 with decay 1 − step^−0.8 and a given learning rate.
 */
public final class Adafactor implements Optimizer {
    private static final double EPSILON = 1e-30;

    private final Map<String, Tensor> parameters;
    private final Map<String, Tensor> rows = new LinkedHashMap<>();
    private final Map<String, Tensor> columns = new LinkedHashMap<>();

    /** Over {@code parameters}; kernels are read as [out, rest], vectors as one row. */
    public Adafactor(Map<String, Tensor> parameters) {
        this.parameters = Map.copyOf(parameters);
        parameters.forEach((name, p) -> {
            long r = p.dim() >= 2 ? p.size(0) : 1;
            rows.put(name, org.reimagen.core.tensor.Scopes.keep(torch.zeros(r, 1)));
            columns.put(name, org.reimagen.core.tensor.Scopes.keep(torch.zeros(1, p.numel() / r)));
        });
    }

    @Override
    public void step(double lr, long step) {
        double beta = 1 - Math.pow((double) step, -0.8);
        parameters.forEach((name, parameter) -> {
            if (!parameter.grad().defined()) {
                return;
            }
            Tensor row = Objects.requireNonNull(rows.get(name));
            Tensor column = Objects.requireNonNull(columns.get(name));
            Tensor grad = parameter.grad().reshape(row.size(0), column.size(1));
            Tensor square = grad.square().add_(scalar(EPSILON));
            row.mul_(scalar(beta))
                    .add_(
                            square.mean(new long[] {1}, true, new org.bytedeco.pytorch.ScalarTypeOptional()),
                            scalar(1 - beta));
            column.mul_(scalar(beta))
                    .add_(
                            square.mean(new long[] {0}, true, new org.bytedeco.pytorch.ScalarTypeOptional()),
                            scalar(1 - beta));
            Tensor second = row.div(row.mean()).matmul(column);
            Tensor update = grad.div(second.sqrt());
            double rms = Math.sqrt(update.square().mean().item_float());
            parameter.detach().add_(update.reshape(parameter.shape()), scalar(-lr / Math.max(1, rms)));
        });
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        rows.forEach((name, t) -> state.put("adafactor.rows/" + name, t));
        columns.forEach((name, t) -> state.put("adafactor.columns/" + name, t));
        return state;
    }
}
