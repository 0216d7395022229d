package org.reimagen.eval;

import java.util.List;
import java.util.Random;

/**
 * A mean with its 95 % bootstrap interval.
 *
 * @param value the mean
 * @param low lower end
 * @param high upper end
 * @param n number of values
 */
public record Interval(double value, double low, double high, int n) {
    private static final int RESAMPLES = 2000;

    /**
     * Mean of independent values; the interval by 2,000 resamplings with seed 1.
     *
     * @param values at least one
     */
    public static Interval ofMean(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("values must not be empty");
        }
        Random random = new Random(1);
        double[] means = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            for (int j = 0; j < values.size(); j++) {
                means[i] += values.get(random.nextInt(values.size())) / values.size();
            }
        }
        java.util.Arrays.sort(means);
        double mean = values.stream().mapToDouble(v -> v).average().orElseThrow();
        return new Interval(mean, means[RESAMPLES / 40], means[RESAMPLES - 1 - RESAMPLES / 40], values.size());
    }

    /** Shares in per cent: {@code 87 [81, 92]}. */
    public String percent() {
        return "%.0f [%.0f, %.0f]".formatted(100 * value, 100 * low, 100 * high);
    }

    /** As it is: {@code 0.312 [0.290, 0.335]}. */
    public String plain() {
        return "%.3f [%.3f, %.3f]".formatted(value, low, high);
    }
}
