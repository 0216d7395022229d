package org.reimagen.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.tensor.Autocast;
import org.reimagen.core.tensor.Scopes;
import org.reimagen.core.tensor.Team;

/**
 * Loss and gradients of a batch whose parts are learned from side by side.
 *
 * <p>Every part has gradients of its own; they are added up in the order of the parts, so that the sum is the same from run to
 * run. <b>Thread-safety</b>: one thread, which the {@link Team} serves.
 */
final class Backpropagation {
    private final List<Tensor> parameters;
    private final Team team;
    private final boolean bfloat16;

    /**
     * Of {@code parameters}, the leaves of every loss.
     *
     * @param bfloat16 whether the losses are computed in mixed precision
     */
    Backpropagation(Map<String, Tensor> parameters, Team team, boolean bfloat16) {
        this.parameters = List.copyOf(parameters.values());
        this.team = team;
        this.bfloat16 = bfloat16;
    }

    /** A part's loss, and its gradients in the order of the parameters: undefined where it does not depend on one. */
    private record Part(double loss, TensorVector gradients) {}

    /** Adds the gradients of the sum of {@code losses} to those of the parameters; returns the sum. */
    double add(List<Supplier<Tensor>> losses) {
        if (losses.size() == 1) {
            return alone(losses.getFirst());
        }
        List<Supplier<Part>> parts = new ArrayList<>();
        losses.forEach(loss -> parts.add(() -> part(loss)));
        List<Part> done = team.run(parts);
        done.forEach(part -> Scopes.adopt(part.gradients()));
        try (var _ = new NoGradGuard()) {
            for (int i = 0; i < parameters.size(); i++) {
                for (Part part : done) {
                    add(parameters.get(i), part.gradients().get(i));
                }
            }
        }
        return done.stream().mapToDouble(Part::loss).sum();
    }

    /** With all threads of the engine. */
    private double alone(Supplier<Tensor> loss) {
        try (var _ = bfloat16 ? Autocast.bfloat16() : Autocast.off()) {
            Tensor value = loss.get();
            value.backward();
            return value.item_float();
        }
    }

    private Part part(Supplier<Tensor> loss) {
        try (var _ = new PointerScope();
                var _ = bfloat16 ? Autocast.bfloat16() : Autocast.off()) {
            Tensor value = loss.get();
            TensorVector leaves = new TensorVector(parameters.toArray(Tensor[]::new));
            TensorVector gradients =
                    torch.grad(new TensorVector(value), leaves, new TensorVector(), new BoolOptional(), false, true);
            return new Part(value.item_float(), Scopes.keep(gradients));
        }
    }

    private static void add(Tensor parameter, Tensor gradient) {
        if (!gradient.defined()) {
            return;
        }
        if (parameter.grad().defined()) {
            parameter.grad().add_(gradient);
        } else {
            parameter.mutable_grad().put(gradient.clone());
        }
    }
}
