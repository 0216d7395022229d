package org.reimagen.core.diffusion;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A network that can be asked under several conditions at once, row by row. */
@FunctionalInterface
public interface ConditionedModel {
    /**
     * The raw outputs under E evaluations.
     *
     * <p><b>Shape</b> {@code xt [B,C,H,W] float32 -> [E,B,C,H,W] float32}.
     *
     * @param t time in [0,1], the same for all rows
     * @param evaluations E lists of B conditions
     */
    Tensor predict(Tensor xt, double t, List<List<Conditions>> evaluations);

    /**
     * The same model for these images of the batch alone; itself where nothing it holds differs from image to image.
     *
     * @param rows ascending. <b>Owns</b>: what the result holds is the innermost open scope's
     */
    default ConditionedModel select(List<Integer> rows) {
        return this;
    }
}
