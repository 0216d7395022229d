package org.reimagen.eval.distance;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.tensor.Ops;

/**
 * Unbiased squared maximum mean discrepancy with the kernel (x·y / D + 1)³, in float64; may be slightly below 0.
 *
 * <p>Averaged over subsets drawn without replacement; where both sets are no larger than a subset, of all samples at once.
 * <b>Source</b>: Bińkowski et al., Demystifying MMD GANs, arXiv 1801.01401.
 *
 * @param mean over the subsets
 * @param deviation over the subsets, 0 for one
 * @param subsets how many
 * @param size samples of each
 */
public record KernelDistance(double mean, double deviation, int subsets, int size) {
    /** Samples of a subset at most. */
    public static final int SUBSET = 1000;

    private static final int SUBSETS = 100;

    /**
     * Distance of two sets.
     *
     * @param seed of the subsets
     * @throws ReImagenException if features are missing, fewer than two, or of different networks
     */
    public static KernelDistance of(Statistics one, Statistics two, long seed) {
        List<float[]> xs = one.features();
        List<float[]> ys = two.features();
        if (xs.size() < 2 || ys.size() < 2) {
            throw new ReImagenException("the kernel distance needs the features themselves, not statistics alone");
        }
        if (one.dim() != two.dim()) {
            throw new ReImagenException(
                    "features of %d and %d channels cannot be compared".formatted(one.dim(), two.dim()));
        }
        if (Math.max(xs.size(), ys.size()) <= SUBSET) {
            return new KernelDistance(estimate(xs, ys), 0, 1, Math.min(xs.size(), ys.size()));
        }
        int size = Math.min(SUBSET, Math.min(xs.size(), ys.size()));
        Random random = new Random(seed);
        double[] estimates = new double[SUBSETS];
        for (int i = 0; i < SUBSETS; i++) {
            estimates[i] = estimate(subset(xs, size, random), subset(ys, size, random));
        }
        double mean = java.util.Arrays.stream(estimates).average().orElseThrow();
        double variance = java.util.Arrays.stream(estimates)
                .map(e -> (e - mean) * (e - mean))
                .average()
                .orElseThrow();
        return new KernelDistance(mean, Math.sqrt(variance), SUBSETS, size);
    }

    private static List<float[]> subset(List<float[]> all, int size, Random random) {
        List<float[]> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, random);
        return shuffled.subList(0, size);
    }

    private static double estimate(List<float[]> xs, List<float[]> ys) {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            Tensor x = matrix(xs);
            Tensor y = matrix(ys);
            return withoutDiagonal(kernel(x, x), xs.size())
                    + withoutDiagonal(kernel(y, y), ys.size())
                    - 2 * kernel(x, y).mean().item_double();
        }
    }

    private static double withoutDiagonal(Tensor kernel, double n) {
        return (kernel.sum().item_double() - kernel.trace().item_double()) / (n * (n - 1));
    }

    private static Tensor kernel(Tensor x, Tensor y) {
        Tensor dot = x.matmul(y.t()).div(new Scalar((double) x.size(1))).add(new Scalar(1.0));
        return dot.mul(dot).mul(dot);
    }

    private static Tensor matrix(List<float[]> rows) {
        int d = rows.getFirst().length;
        float[] all = new float[rows.size() * d];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, all, i * d, d);
        }
        return Ops.floats(all, rows.size(), d).to(ScalarType.Double);
    }
}
