package org.reimagen.eval.distance;

import java.util.List;

/**
 * Mean and covariance of features, in float64, and the features themselves where they are at hand.
 *
 * <p>The covariance divides by N − 1, as numpy's does. <b>Thread-safety</b>: immutable as long as nobody writes to the arrays.
 */
public final class Statistics {
    private final long n;
    private final double[] mean;
    private final double[] covariance;
    private final List<float[]> features;

    /**
     * From a file, or computed.
     *
     * @param n number of samples, 0 if unknown
     * @param mean {@code [D]}
     * @param covariance {@code [D*D]}, row by row
     * @param features of each sample, or none
     */
    Statistics(long n, double[] mean, double[] covariance, List<float[]> features) {
        if (covariance.length != mean.length * mean.length) {
            throw new IllegalArgumentException("covariance must be %d x %d, has %d numbers"
                    .formatted(mean.length, mean.length, covariance.length));
        }
        this.n = n;
        this.mean = mean;
        this.covariance = covariance;
        this.features = List.copyOf(features);
    }

    /**
     * Of vectors.
     *
     * @param features at least two, all of one length
     */
    public static Statistics of(List<float[]> features) {
        if (features.size() < 2) {
            throw new IllegalArgumentException("at least two samples are needed, were " + features.size());
        }
        int d = features.getFirst().length;
        double[] mean = new double[d];
        for (float[] sample : features) {
            for (int i = 0; i < d; i++) {
                mean[i] += sample[i];
            }
        }
        for (int i = 0; i < d; i++) {
            mean[i] /= features.size();
        }
        return new Statistics(features.size(), mean, covariance(features, mean), features);
    }

    private static double[] covariance(List<float[]> features, double[] mean) {
        int d = mean.length;
        double[] sums = new double[d * d];
        double[] centred = new double[d];
        for (float[] sample : features) {
            for (int i = 0; i < d; i++) {
                centred[i] = sample[i] - mean[i];
            }
            for (int i = 0; i < d; i++) {
                double left = centred[i];
                for (int j = 0; j <= i; j++) {
                    sums[i * d + j] += left * centred[j];
                }
            }
        }
        for (int i = 0; i < d; i++) {
            for (int j = 0; j <= i; j++) {
                sums[i * d + j] /= features.size() - 1;
                sums[j * d + i] = sums[i * d + j];
            }
        }
        return sums;
    }

    /** Number of samples, 0 if the file does not say. */
    public long n() {
        return n;
    }

    /** Components of a feature vector. */
    public int dim() {
        return mean.length;
    }

    /** {@code [D]}; not a copy. */
    double[] mean() {
        return mean;
    }

    /** {@code [D*D]}; not a copy. */
    double[] covariance() {
        return covariance;
    }

    /** Features of each sample; empty if the file held statistics alone. */
    public List<float[]> features() {
        return features;
    }
}
