package org.reimagen.core.diffusion;

import static org.reimagen.core.tensor.Ops.scale;

import org.bytedeco.pytorch.Tensor;

/**
 * What a network predicts; for a fixed x_t each is an affine function of the others.
 *
 * <p><b>Source</b>: v = α·ε − σ·x_0, arXiv 2202.00512, appendix D.
 */
public enum Prediction {
    /** The noise ε. */
    EPS {
        @Override
        public Tensor toX0(Tensor output, Tensor xt, double alpha, double sigma) {
            return scale(xt.sub(scale(output, sigma)), 1 / alpha);
        }

        @Override
        public Tensor fromX0(Tensor x0, Tensor xt, double alpha, double sigma) {
            return scale(xt.sub(scale(x0, alpha)), 1 / sigma);
        }
    },
    /** The picture x_0. */
    X0 {
        @Override
        public Tensor toX0(Tensor output, Tensor xt, double alpha, double sigma) {
            return output;
        }

        @Override
        public Tensor fromX0(Tensor x0, Tensor xt, double alpha, double sigma) {
            return x0;
        }
    },
    /** The velocity v = α·ε − σ·x_0. */
    V {
        @Override
        public Tensor toX0(Tensor output, Tensor xt, double alpha, double sigma) {
            return scale(xt, alpha).sub(scale(output, sigma));
        }

        @Override
        public Tensor fromX0(Tensor x0, Tensor xt, double alpha, double sigma) {
            return scale(scale(xt, alpha).sub(x0), 1 / sigma);
        }
    };

    /** x_0 from this kind of output; all {@code [B,C,H,W]}, alpha² + sigma² = 1. */
    public abstract Tensor toX0(Tensor output, Tensor xt, double alpha, double sigma);

    /** This kind of output from x_0; needs sigma &gt; 0 for {@link #EPS} and {@link #V}. */
    public abstract Tensor fromX0(Tensor x0, Tensor xt, double alpha, double sigma);
}
