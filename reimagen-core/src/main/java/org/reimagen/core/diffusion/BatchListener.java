package org.reimagen.core.diffusion;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Hears of every sampling step of a batch and may drop images from it; the others are drawn as they would be without. */
@FunctionalInterface
public interface BatchListener {
    /**
     * Called after each step, on the sampling thread.
     *
     * @param index 0 for the first step
     * @param t time after the step
     * @param x0 preview {@code [B,C,H,W]} of the images that are left, valid during the call only
     * @return rows of {@code x0} that go on, ascending; none stops the run
     */
    List<Integer> onStep(int index, double t, Tensor x0);
}
