package org.reimagen.core.diffusion;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.tensor.Ops;

/** Keeps the predicted x_0 in the range of pictures. <b>Thread-safety</b>: immutable. */
public sealed interface Thresholding {
    /** The predicted picture {@code [B,C,H,W]}, brought into range. */
    Tensor apply(Tensor x0);

    /** Leaves x_0 as it is. */
    record None() implements Thresholding {
        @Override
        public Tensor apply(Tensor x0) {
            return x0;
        }
    }

    /** Clips to [-1,1]. */
    record Static() implements Thresholding {
        @Override
        public Tensor apply(Tensor x0) {
            return x0.clamp(
                    new org.bytedeco.pytorch.ScalarOptional(Ops.scalar(-1)),
                    new org.bytedeco.pytorch.ScalarOptional(Ops.scalar(1)));
        }
    }

    /**
     * Clips to ±s and divides by s, s being the given quantile of |x_0| of each image, at least 1.
     *
     * <p><b>Source</b>: Imagen, arXiv 2205.11487, section 2.3.
     *
     * @param quantile in (0,1], usually 0.995
     */
    record Dynamic(double quantile) implements Thresholding {
        /** Checks the range. */
        public Dynamic {
            if (!(quantile > 0 && quantile <= 1)) {
                throw new IllegalArgumentException("quantile must lie in (0,1], was " + quantile);
            }
        }

        @Override
        public Tensor apply(Tensor x0) {
            Tensor s = torch.quantile(
                            x0.abs().flatten(1, 3), quantile, new org.bytedeco.pytorch.LongOptional(1), false, "linear")
                    .clamp_min(Ops.scalar(1))
                    .reshape(-1, 1, 1, 1);
            return torch.minimum(torch.maximum(x0, s.neg()), s).div(s);
        }
    }
}
