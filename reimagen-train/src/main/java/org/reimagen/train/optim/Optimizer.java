package org.reimagen.train.optim;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** An update rule over named parameters, with a state that can be saved. <b>Thread-safety</b>: one thread. */
public interface Optimizer {
    /**
     * One update from the gradients; parameters without a gradient stay.
     *
     * @param lr learning rate of this step
     * @param step number of this step, from 1
     */
    void step(double lr, long step);

    /** The state by name: live tensors, to be written out or copied into. */
    Map<String, Tensor> state();
}
