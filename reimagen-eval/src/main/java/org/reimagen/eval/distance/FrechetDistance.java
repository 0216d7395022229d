package org.reimagen.eval.distance;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.ReImagenException;

/**
 * |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½) of two Gaussians, in float64.
 *
 * <p>The product Σ₁Σ₂ is not symmetric, and its square root turns complex by rounding when there are fewer samples than channels.
 * Its eigenvalues are those of the symmetric Σ₁^½ Σ₂ Σ₁^½, real and at least 0 but for rounding, which is cut off at 0.
 * <b>Source</b>: Heusel et al., arXiv 1706.08500, equation 6.
 */
public final class FrechetDistance {
    private FrechetDistance() {}

    /**
     * Distance of two sets.
     *
     * @throws ReImagenException if they come from different networks or hold what is no number
     */
    public static double of(Statistics one, Statistics two) {
        if (one.dim() != two.dim()) {
            throw new ReImagenException(
                    "features of %d and %d channels cannot be compared".formatted(one.dim(), two.dim()));
        }
        double distance = 0;
        for (int i = 0; i < one.dim(); i++) {
            double d = one.mean()[i] - two.mean()[i];
            distance += d * d;
        }
        distance += trace(one) + trace(two) - 2 * traceOfRoot(one, two);
        if (!Double.isFinite(distance)) {
            throw new ReImagenException("the statistics hold values that are no numbers");
        }
        return distance;
    }

    private static double trace(Statistics s) {
        double trace = 0;
        for (int i = 0; i < s.dim(); i++) {
            trace += s.covariance()[i * s.dim() + i];
        }
        return trace;
    }

    private static double traceOfRoot(Statistics one, Statistics two) {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            Tensor root = root(matrix(one));
            Tensor product = root.matmul(matrix(two)).matmul(root);
            Tensor symmetric = product.add(product.t()).div(new org.bytedeco.pytorch.Scalar(2.0));
            Tensor values = torch.linalg_eigvalsh(symmetric);
            return nonNegative(values).sqrt().sum().item_double();
        }
    }

    private static Tensor matrix(Statistics s) {
        return Tensor.create(s.covariance()).reshape(s.dim(), s.dim());
    }

    /** The symmetric square root of a symmetric matrix, eigenvalues below 0 taken for 0. */
    private static Tensor root(Tensor symmetric) {
        T_TensorTensor_T eigen = torch.linalg_eigh(symmetric);
        Tensor vectors = eigen.get1();
        return vectors.mul(nonNegative(eigen.get0()).sqrt()).matmul(vectors.t());
    }

    private static Tensor nonNegative(Tensor values) {
        return torch.relu(values);
    }
}
