package org.reimagen.train.optim;

import static org.reimagen.core.tensor.Ops.scalar;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.reimagen.core.tensor.Team;

/**
 * Momentum whose update is made orthogonal, for matrices and convolution kernels.
 *
 * <p>A kernel is read as [out, rest]; five Newton–Schulz steps bring the singular values of the Nesterov momentum to about 1;
 * the result is scaled by 0.2·√max(rows, columns), so that AdamW's learning rates fit. Matrices of equal shape go through the
 * steps as one stack, or in parts side by side. <b>Source</b>: K. Jordan et al., Muon, 2024; scale from arXiv 2502.16982, equation 4.
 */
public final class Muon implements Optimizer {
    private static final double MOMENTUM = 0.95;
    private static final int ITERATIONS = 5;
    private static final double LINEAR = 3.4445;

    private final Map<String, Tensor> parameters;
    private final Map<String, Tensor> momentum;
    private final Map<Shape, List<String>> stacks = new LinkedHashMap<>();
    private final Team team = Team.shared();
    private final double decay;
    private final ScalarType precision;

    private record Shape(long rows, long columns) {
        static Shape of(Tensor parameter) {
            long rows = parameter.size(0);
            return new Shape(rows, parameter.numel() / rows);
        }
    }

    /**
     * Over {@code parameters}, each of two dimensions or more, with weight decay {@code decay}.
     *
     * @param precision of the Newton–Schulz steps: BFloat16 or Float
     */
    public Muon(Map<String, Tensor> parameters, double decay, ScalarType precision) {
        this.parameters = Map.copyOf(parameters);
        this.momentum = Parameters.zerosLike(parameters);
        this.decay = decay;
        this.precision = precision;
        parameters.forEach((name, p) ->
                stacks.computeIfAbsent(Shape.of(p), s -> new ArrayList<>()).add(name));
    }

    private Tensor parameter(String name) {
        return Objects.requireNonNull(parameters.get(name));
    }

    @Override
    public void step(double lr, long step) {
        List<Supplier<Integer>> parts = new ArrayList<>();
        stacks.forEach((shape, all) -> {
            List<String> names =
                    all.stream().filter(n -> parameter(n).grad().defined()).toList();
            int count = Math.min(team.size(), names.size());
            for (int i = 0; i < count; i++) {
                List<String> part = names.subList(i * names.size() / count, (i + 1) * names.size() / count);
                parts.add(() -> update(shape, part, lr));
            }
        });
        team.run(parts);
    }

    /** Updates parameters of one shape; returns how many. */
    private int update(Shape shape, List<String> names, double lr) {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            Tensor[] slopes = names.stream()
                    .map(n -> nesterov(n).reshape(shape.rows, shape.columns))
                    .toArray(Tensor[]::new);
            Tensor updates = orthogonal(torch.stack(new TensorVector(slopes), 0), precision); // [N,R,C]
            double scale = 0.2 * Math.sqrt((double) Math.max(shape.rows, shape.columns));
            for (int i = 0; i < slopes.length; i++) {
                Tensor p = parameter(names.get(i)).detach();
                p.mul_(scalar(1 - lr * decay));
                p.add_(updates.select(0, i).reshape(p.shape()), scalar(-lr * scale));
            }
            return slopes.length;
        }
    }

    private Tensor nesterov(String name) {
        Tensor grad = parameter(name).grad();
        Tensor m = Objects.requireNonNull(momentum.get(name));
        m.mul_(scalar(MOMENTUM)).add_(grad);
        return grad.add(m, scalar(MOMENTUM));
    }

    /**
     * The nearest matrices whose singular values are all about 1; {@code [N,R,C] float32 -> [N,R,C] float32}.
     *
     * @param precision of the products
     */
    static Tensor orthogonal(Tensor g, ScalarType precision) {
        boolean tall = g.size(1) > g.size(2);
        Tensor wide = tall ? g.transpose(1, 2) : g;
        Tensor norm = wide.square()
                .sum(new long[] {1, 2}, true, new ScalarTypeOptional())
                .sqrt();
        Tensor x = wide.div(norm.add_(scalar(1e-7))).to(precision);
        x = precision == ScalarType.Float ? bySquare(x) : byMatrix(x);
        return (tall ? x.transpose(1, 2) : x).to(ScalarType.Float);
    }

    private static Tensor byMatrix(Tensor start) {
        Tensor x = start;
        for (int i = 0; i < ITERATIONS; i++) {
            Tensor y = x.bmm(x.transpose(1, 2));
            x = torch.baddbmm(x, polynomial(y, 0), x, scalar(LINEAR), scalar(1));
        }
        return x;
    }

    /**
     * The same steps taken on the small square y = x xᵀ, of which each is a polynomial: a third of the work for a kernel, but
     * squaring the singular values asks for float32.
     */
    private static Tensor bySquare(Tensor x) {
        Tensor y = x.bmm(x.transpose(1, 2)); // [N,R,R]
        Tensor z = polynomial(y, LINEAR);
        Tensor product = z;
        for (int i = 1; i < ITERATIONS; i++) {
            y = z.bmm(y).bmm(z);
            z = polynomial(y, LINEAR);
            product = z.bmm(product);
        }
        return product.bmm(x);
    }

    /** {@code constant} − 4.7750 y + 2.0315 y². */
    private static Tensor polynomial(Tensor y, double constant) {
        Tensor z = torch.baddbmm(y, y, y, scalar(-4.7750), scalar(2.0315));
        z.diagonal(0, 1, 2).add_(scalar(constant));
        return z;
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        momentum.forEach((name, t) -> state.put("muon.momentum/" + name, t));
        return state;
    }
}
