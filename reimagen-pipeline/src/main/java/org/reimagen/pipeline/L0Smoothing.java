package org.reimagen.pipeline;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.reimagen.core.tensor.Ops;

/**
 * Makes flat what is nearly flat and leaves edges as they are.
 *
 * <p>Looks for the picture S that is near to the drawing I and has few places whose pixel differs from the next at all:
 * min ‖S − I‖² + λ·#{places with a gradient}. It takes turns: a place keeps the gradient that it has in S if its square is at least λ/β, else it has
 * none; S is near to I, and its gradients, weighed by β, to those. β begins at 2λ and doubles. S solves a linear system, which the cosine
 * transform makes diagonal, as pixels beyond the border are as those on it.
 *
 * <p><b>Thread-safety</b>: stateless. Source: Xu, Lu, Xu and Jia, <i>Image Smoothing via L0 Gradient Minimization</i>, SIGGRAPH Asia 2011,
 * algorithm 1, with κ = 2 and β up to 1,000.
 */
final class L0Smoothing {
    private static final double BETA_MOST = 1000;
    private static final double KAPPA = 2;

    private L0Smoothing() {}

    /**
     * The smoothed picture.
     *
     * @param picture {@code [C,S,S]} in [-1,1]
     * @param lambda λ for colours in [0,1], at least 0, which leaves the picture as it is
     * @return {@code [C,S,S]} in float32, {@code picture} itself for 0; belongs to the innermost open scope
     */
    static Tensor smooth(Tensor picture, double lambda) {
        if (lambda == 0) {
            return picture;
        }
        int side = Math.toIntExact(picture.size(1));
        Tensor drawing = picture.to(ScalarType.Double).add(Ops.scalar(1)).div(Ops.scalar(2));
        Tensor difference = matrix(side, (row, column) -> difference(row, column, side));
        Tensor cosines = matrix(side, (k, x) -> cosine(k, x, side));
        Tensor stiffness = matrix(side, (k, l) -> eigenvalue(k, side) + eigenvalue(l, side));
        Tensor smooth = drawing;
        for (double beta = 2 * lambda; beta < BETA_MOST; beta *= KAPPA) {
            Tensor across = smooth.matmul(difference.t());
            Tensor down = difference.matmul(smooth);
            Tensor strength = across.square().add(down.square()).sum(0);
            Tensor faint = strength.lt(Ops.scalar(lambda / beta));
            Tensor kept = across.masked_fill(faint, Ops.scalar(0))
                    .matmul(difference)
                    .add(difference.t().matmul(down.masked_fill(faint, Ops.scalar(0))));
            Tensor right = drawing.add(Ops.scale(kept, beta));
            Tensor waves = cosines.matmul(right).matmul(cosines.t());
            Tensor damped = waves.div(Ops.scale(stiffness, beta).add(Ops.scalar(1)));
            smooth = cosines.t().matmul(damped).matmul(cosines);
        }
        return smooth.mul(Ops.scalar(2)).sub(Ops.scalar(1)).to(ScalarType.Float);
    }

    /** An entry of a matrix. */
    @FunctionalInterface
    private interface Entry {
        double at(int row, int column);
    }

    private static Tensor matrix(int side, Entry entry) {
        double[] values = new double[side * side];
        for (int i = 0; i < values.length; i++) {
            values[i] = entry.at(i / side, i % side);
        }
        return Tensor.create(values).reshape(side, side);
    }

    /** The next pixel less this one; none after the last. */
    private static double difference(int row, int column, int side) {
        if (row == side - 1) {
            return 0;
        }
        return column == row + 1 ? 1 : column == row ? -1 : 0;
    }

    /** Orthonormal DCT-II: what diagonalises the product of the differences with themselves. */
    private static double cosine(int k, int x, int side) {
        return Math.sqrt((k == 0 ? 1.0 : 2.0) / side) * Math.cos(Math.PI * k * (x + 0.5) / side);
    }

    private static double eigenvalue(int k, int side) {
        return 2 - 2 * Math.cos(Math.PI * k / side);
    }
}
