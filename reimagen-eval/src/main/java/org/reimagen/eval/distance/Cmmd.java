package org.reimagen.eval.distance;

import java.util.List;
import org.reimagen.core.ReImagenException;

/**
 * CMMD: squared maximum mean discrepancy of CLIP vectors of length 1 with a Gaussian kernel of σ = 10, times 1000, in float64.
 *
 * <p>The published program's estimator, whose means include every sample with itself: never negative, 0 for equal sets.
 * <b>Source</b>: Jayasumana et al., Rethinking FID, arXiv 2401.09603, section 5.
 */
public final class Cmmd {
    private static final double SIGMA = 10;
    private static final double SCALE = 1000;

    private Cmmd() {}

    /**
     * Distance of two sets.
     *
     * @throws ReImagenException if features are missing or of different networks
     */
    public static double of(Statistics one, Statistics two) {
        List<float[]> xs = one.features();
        List<float[]> ys = two.features();
        if (xs.isEmpty() || ys.isEmpty()) {
            throw new ReImagenException("CMMD needs the features themselves, not statistics alone");
        }
        if (one.dim() != two.dim()) {
            throw new ReImagenException(
                    "features of %d and %d channels cannot be compared".formatted(one.dim(), two.dim()));
        }
        return SCALE * (mean(xs, xs) + mean(ys, ys) - 2 * mean(xs, ys));
    }

    private static double mean(List<float[]> xs, List<float[]> ys) {
        double sum = xs.parallelStream()
                .mapToDouble(x -> ys.stream().mapToDouble(y -> kernel(x, y)).sum())
                .sum();
        return sum / xs.size() / ys.size();
    }

    private static double kernel(float[] x, float[] y) {
        double squared = 0;
        for (int i = 0; i < x.length; i++) {
            double difference = (double) x[i] - y[i];
            squared += difference * difference;
        }
        return Math.exp(-squared / (2 * SIGMA * SIGMA));
    }
}
