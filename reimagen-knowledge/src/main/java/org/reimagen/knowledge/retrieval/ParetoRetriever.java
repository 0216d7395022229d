package org.reimagen.knowledge.retrieval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reimagen.knowledge.Pair;

/**
 * Looks up each thing that a prompt names by itself, and takes the pairs that no other is better than in every respect.
 *
 * <p>A pair's respects are its scores for the parts of the prompt, as shares of each part's best. The first front holds the
 * pairs that none dominates, the second those that only the first dominates, and so on; inside a front, parts take turns, each
 * its best. The score is 1 / front. A prompt of one part, and one whose best neighbour is called all that the prompt says
 * ("woman and man holding hands"), go to the inner retriever as they are, its scores with them. <b>Source</b>: Zhu et al.,
 * Cross-modal RAG, arXiv 2505.21956, section 3 (Pareto-optimal retrieval over sub-queries).
 */
public final class ParetoRetriever implements Retriever {
    private static final int FEWEST = 16;

    private final Retriever inner;

    /** Over a retriever that is asked once for each part. */
    public ParetoRetriever(Retriever inner) {
        this.inner = inner;
    }

    /** A pair and what it scores for each part. */
    private static final class Scored {
        private final Pair pair;
        private final double[] shares;

        Scored(Pair pair, int parts) {
            this.pair = pair;
            this.shares = new double[parts];
        }

        boolean dominates(Scored other) {
            boolean better = false;
            for (int i = 0; i < shares.length; i++) {
                if (shares[i] < other.shares[i]) {
                    return false;
                }
                better |= shares[i] > other.shares[i];
            }
            return better;
        }
    }

    @Override
    public List<Neighbor> retrieve(Query query) {
        List<String> parts = SubQueries.of(query.text());
        List<Neighbor> whole = inner.retrieve(query);
        if (parts.size() < 2 || query.k() == 0 || isOneThing(query.text(), whole)) {
            double least = whole.isEmpty() ? 0 : whole.getFirst().score() * inner.leastShare();
            return whole.stream().filter(n -> n.score() >= least).toList();
        }
        List<Neighbor> sorted = new ArrayList<>();
        List<Scored> rest = new ArrayList<>(scored(query, parts));
        for (int front = 1; !rest.isEmpty() && sorted.size() < 2 * query.k(); front++) {
            List<Scored> best = front(rest);
            rest.removeAll(best);
            for (Scored one : inTurns(best, parts.size())) {
                sorted.add(new Neighbor(one.pair, 1.0 / front, 0));
            }
        }
        return FusionRetriever.ranked(sorted, query.k());
    }

    private static boolean isOneThing(String prompt, List<Neighbor> whole) {
        return !whole.isEmpty()
                && SubQueries.words(whole.getFirst().pair().title()).containsAll(SubQueries.words(prompt));
    }

    private Collection<Scored> scored(Query query, List<String> parts) {
        Map<String, Scored> scored = new LinkedHashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            List<Neighbor> list = inner.retrieve(query.withText(parts.get(i)).withK(Math.max(FEWEST, query.k())));
            double best = list.isEmpty() ? 1 : list.getFirst().score();
            for (Neighbor n : list) {
                if (n.score() >= best * inner.leastShare()) {
                    Scored one = scored.computeIfAbsent(n.pair().id(), id -> new Scored(n.pair(), parts.size()));
                    one.shares[i] = n.score() / best;
                }
            }
        }
        return scored.values();
    }

    private static List<Scored> front(List<Scored> rest) {
        return rest.stream()
                .filter(one -> rest.stream().noneMatch(other -> other.dominates(one)))
                .toList();
    }

    private static List<Scored> inTurns(List<Scored> front, int parts) {
        List<Scored> left = new ArrayList<>(front);
        List<Scored> ordered = new ArrayList<>();
        for (int turn = 0; !left.isEmpty(); turn = (turn + 1) % parts) {
            int part = turn;
            Scored next = left.stream()
                    .max(Comparator.<Scored>comparingDouble(one -> one.shares[part])
                            .thenComparingDouble(
                                    one -> Arrays.stream(one.shares).sum()))
                    .orElseThrow();
            left.remove(next);
            ordered.add(next);
        }
        return ordered;
    }
}
