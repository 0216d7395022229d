package org.reimagen.rating.figures;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Krippendorff's alpha for nominal values, any number of raters, missing values allowed: 1 is perfect agreement, 0 that of
 * chance.
 *
 * <p><b>Source</b>: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C.
 */
public final class Agreement {
    private Agreement() {}

    /**
     * α = 1 − D_o / D_e.
     *
     * @param units by unit, the values that its raters gave, missing ones left out; units with fewer than two do not count
     * @return empty where no unit has two values, or all values are the same: there is then nothing to disagree on
     */
    public static OptionalDouble alpha(List<? extends List<?>> units) {
        Map<Object, Double> totals = new HashMap<>(); // n_c
        double n = 0;
        double disagreeing = 0; // Σ_u Σ_{c≠k} n_uc n_uk / (m_u − 1)
        for (List<?> unit : units) {
            int m = unit.size();
            if (m < 2) {
                continue;
            }
            Map<Object, Double> counts = new HashMap<>(); // n_uc
            unit.forEach(value -> counts.merge(value, 1.0, Double::sum));
            counts.forEach((value, count) -> totals.merge(value, count, Double::sum));
            n += m;
            disagreeing += pairsOfDifferent(counts, m) / (m - 1);
        }
        double expected = pairsOfDifferent(totals, n) / (n - 1);
        return n == 0 || expected == 0 ? OptionalDouble.empty() : OptionalDouble.of(1 - disagreeing / expected);
    }

    /** Σ_{c≠k} n_c n_k = n² − Σ_c n_c². */
    private static double pairsOfDifferent(Map<Object, Double> counts, double n) {
        return n * n - counts.values().stream().mapToDouble(c -> c * c).sum();
    }
}
