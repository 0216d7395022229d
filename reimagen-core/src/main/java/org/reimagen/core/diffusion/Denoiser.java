package org.reimagen.core.diffusion;

import org.bytedeco.pytorch.Tensor;

/** An estimate of the clean picture. */
@FunctionalInterface
public interface Denoiser {
    /** The expected x_0 of {@code xt [B,C,H,W]} at time t in [0,1]. */
    Tensor x0(Tensor xt, double t);
}
