package org.reimagen.core.diffusion;

import org.bytedeco.pytorch.Tensor;

/** Hears of every sampling step and may stop the run. */
@FunctionalInterface
public interface StepListener {
    /** Goes on to the end. */
    StepListener NONE = (index, t, x0) -> true;

    /**
     * Called after each step, on the sampling thread.
     *
     * @param index 0 for the first step
     * @param t time after the step
     * @param x0 preview {@code [B,C,H,W]}, valid during the call only
     * @return false to stop the run
     */
    boolean onStep(int index, double t, Tensor x0);
}
