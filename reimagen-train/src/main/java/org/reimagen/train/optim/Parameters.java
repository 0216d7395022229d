package org.reimagen.train.optim;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.tensor.Ops;
import org.reimagen.core.tensor.Scopes;

/** Helpers over named parameters and their gradients. */
public final class Parameters {
    private Parameters() {}

    /** One zero tensor for each parameter, to be kept. <b>Owns</b>: the caller. */
    static Map<String, Tensor> zerosLike(Map<String, Tensor> parameters) {
        Map<String, Tensor> zeros = new LinkedHashMap<>();
        parameters.forEach((name, p) -> zeros.put(name, Scopes.keep(torch.zeros_like(p.detach()))));
        return zeros;
    }

    /** Forgets all gradients. */
    public static void zeroGrad(Map<String, Tensor> parameters) {
        for (Tensor p : parameters.values()) {
            Tensor grad = p.grad();
            if (grad.defined()) {
                grad.zero_();
            }
        }
    }

    /**
     * Scales all gradients so that their joint norm is at most {@code maxNorm}.
     *
     * @return the norm before; NaN or infinite if any gradient is, and then nothing was scaled
     */
    public static double clip(Map<String, Tensor> parameters, double maxNorm) {
        Tensor sum = torch.zeros(1);
        for (Tensor p : parameters.values()) {
            if (p.grad().defined()) {
                sum = sum.add(p.grad().square().sum());
            }
        }
        double norm = Math.sqrt(sum.item_float());
        if (norm > maxNorm && norm < Double.POSITIVE_INFINITY) {
            for (Tensor p : parameters.values()) {
                if (p.grad().defined()) {
                    p.grad().mul_(Ops.scalar(maxNorm / norm));
                }
            }
        }
        return norm;
    }
}
