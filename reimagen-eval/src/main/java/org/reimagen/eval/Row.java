package org.reimagen.eval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The outcomes of one setting, or of one kind of true pictures that serve for comparison.
 *
 * @param name what was measured
 * @param drawn whether a model drew them
 * @param setting how the first stage drew them; empty for true pictures and for drawings of later stages
 */
public record Row(String name, boolean drawn, List<Outcome> outcomes, Optional<Setting> setting) {
    private static final int RESAMPLES = 1000;

    /** The list is copied. */
    public Row {
        outcomes = List.copyOf(outcomes);
    }

    /** A row of no one setting. */
    public Row(String name, boolean drawn, List<Outcome> outcomes) {
        this(name, drawn, outcomes, Optional.empty());
    }

    /**
     * A share of the targets with its 95 % bootstrap interval, all in [0,1].
     *
     * <p>Entities are resampled, not targets: pictures of one entity are not independent.
     *
     * @param n number of targets
     */
    public record Share(double value, double low, double high, int n) {}

    /** Share of targets whose right picture is among the {@code k} nearest. */
    public Share rank(int k) {
        return share(o -> o.rank() < k);
    }

    /** Share drawn in the style asked for. */
    public Share style() {
        return share(Outcome::styleRight);
    }

    /** Share drawn on the background asked for. */
    public Share background() {
        return share(Outcome::backgroundRight);
    }

    /** Share that nearly copies a reference. */
    public Share copies() {
        return share(Outcome::copies);
    }

    /** Rank-1 by subgroup of entities, with the number of targets: {@code animal (31)} to share. */
    public Map<String, Double> rank1ByKind() {
        Map<String, List<Outcome>> groups = outcomes.stream()
                .collect(Collectors.groupingBy(o -> o.target().kind(), java.util.TreeMap::new, Collectors.toList()));
        Map<String, Double> shares = new LinkedHashMap<>();
        groups.forEach((kind, of) -> shares.put(
                kind + " (" + of.size() + ")",
                of.stream().filter(o -> o.rank() == 0).count() / (double) of.size()));
        return shares;
    }

    private Share share(Predicate<Outcome> right) {
        Map<String, List<Outcome>> byEntity = outcomes.stream()
                .collect(Collectors.groupingBy(
                        o -> o.target().truth().entity(), java.util.TreeMap::new, Collectors.toList()));
        List<String> entities = List.copyOf(byEntity.keySet());
        int[] hits = new int[entities.size()];
        int[] sizes = new int[entities.size()];
        for (int e = 0; e < hits.length; e++) {
            List<Outcome> of = Objects.requireNonNull(byEntity.get(entities.get(e)));
            hits[e] = (int) of.stream().filter(right).count();
            sizes[e] = of.size();
        }
        Random random = new Random(1);
        List<Double> resampled = new ArrayList<>();
        for (int i = 0; i < RESAMPLES; i++) {
            int hit = 0;
            int size = 0;
            for (int e = 0; e < hits.length; e++) {
                int drawn = random.nextInt(hits.length);
                hit += hits[drawn];
                size += sizes[drawn];
            }
            resampled.add(hit / (double) size);
        }
        resampled.sort(null);
        double value = outcomes.stream().filter(right).count() / (double) outcomes.size();
        return new Share(
                value, resampled.get(RESAMPLES / 40), resampled.get(RESAMPLES - 1 - RESAMPLES / 40), outcomes.size());
    }
}
