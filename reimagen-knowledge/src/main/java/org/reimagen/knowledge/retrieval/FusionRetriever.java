package org.reimagen.knowledge.retrieval;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.reimagen.knowledge.Pair;

/** Asks several retrievers and joins their lists; the score is the weighted sum of a pair's points. */
public final class FusionRetriever implements Retriever {
    private static final int FEWEST = 64;
    private static final int DEEPER = 8;

    private final Fusion fusion;
    private final List<Part> parts;

    /**
     * One retriever and what it counts.
     *
     * @param weight above 0
     */
    public record Part(Retriever retriever, double weight) {
        /** Checks the weight. */
        public Part {
            if (!(weight > 0)) {
                throw new IllegalArgumentException("weight must be above 0, was " + weight);
            }
        }
    }

    /** Of at least one part. A part that finds nothing for a query has no say in it. */
    public FusionRetriever(Fusion fusion, List<Part> parts) {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("parts must not be empty");
        }
        this.fusion = fusion;
        this.parts = List.copyOf(parts);
    }

    /** What one list gives: weighted points by id, and those of a pair that is not in it. */
    private record Gain(Map<String, Double> byId, double absent) {
        double of(Pair pair) {
            return byId.getOrDefault(pair.id(), absent);
        }
    }

    @Override
    public List<Neighbor> retrieve(Query query) {
        if (query.k() == 0) {
            return List.of();
        }
        Map<String, Pair> pairs = new LinkedHashMap<>();
        List<Gain> gains = new ArrayList<>();
        int depth = Math.min(Query.MAX_K, Math.max(FEWEST, DEEPER * query.k()));
        for (Part part : parts) {
            List<Neighbor> list = part.retriever().retrieve(query.withK(depth));
            list.forEach(n -> pairs.put(n.pair().id(), n.pair()));
            gains.add(gain(list, fusion.points(list, list.size() == depth), part.weight()));
        }
        return ranked(
                pairs.values().stream()
                        .map(pair -> new Neighbor(
                                pair,
                                gains.stream().mapToDouble(g -> g.of(pair)).sum(),
                                0))
                        .sorted(Candidates.bestFirst())
                        .toList(),
                query.k());
    }

    private static Gain gain(List<Neighbor> list, Fusion.Points points, double weight) {
        Map<String, Double> byId = new HashMap<>();
        for (int i = 0; i < list.size(); i++) {
            byId.put(list.get(i).pair().id(), weight * points.places().get(i));
        }
        return new Gain(byId, weight * points.absent());
    }

    /** The first k with different originals. */
    static List<Neighbor> ranked(List<Neighbor> sorted, int k) {
        List<Neighbor> ranked = new ArrayList<>();
        Set<String> originals = new HashSet<>();
        for (Neighbor n : sorted) {
            if (ranked.size() < k && originals.add(n.pair().sha256())) {
                ranked.add(new Neighbor(n.pair(), n.score(), ranked.size() + 1));
            }
        }
        return ranked;
    }
}
