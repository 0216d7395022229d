package org.reimagen.knowledge.retrieval;

import java.util.List;

/** How several retrievers' lists become one: what a pair earns from its place in each of them. */
public sealed interface Fusion {
    /**
     * Points of every place of one list.
     *
     * @param list as its retriever gave it
     * @param full whether the list was cut off at the depth asked, so that more would have followed
     */
    Points points(List<Neighbor> list, boolean full);

    /**
     * Points of one list.
     *
     * @param places points of each of its neighbours, in order
     * @param absent points of a pair that is not in it
     */
    record Points(List<Double> places, double absent) {}

    /**
     * Reciprocal rank fusion: a pair earns 1 / (constant + rank), nothing where it is absent.
     *
     * <p><b>Source</b>: Cormack, Clarke and Büttcher, Reciprocal Rank Fusion, SIGIR 2009.
     *
     * @param constant 60 in the paper; smaller ones favour the first ranks
     */
    record ReciprocalRank(double constant) implements Fusion {
        /** The paper's constant. */
        public static final ReciprocalRank STANDARD = new ReciprocalRank(60);

        /** Refuses a negative constant. */
        public ReciprocalRank {
            if (constant < 0) {
                throw new IllegalArgumentException("constant must be at least 0, was " + constant);
            }
        }

        @Override
        public Points points(List<Neighbor> list, boolean full) {
            return new Points(list.stream().map(n -> 1 / (constant + n.rank())).toList(), 0);
        }
    }

    /**
     * Scores as shares of the list's best: s / s_max, all scores being at least 0 by their nature.
     *
     * <p>The lower end is that natural 0 and not the list's least score, which depends on how deep one looks and would favour
     * whichever retriever returns a long tail. A pair absent from a list that was cut off earns the points of the last
     * place, which are the most it can have. <b>Source</b>: Bruch, Gai and Ingber, An Analysis of Fusion Functions for Hybrid
     * Retrieval, arXiv 2210.11934 (TM2C2).
     */
    record ShareOfBest() implements Fusion {
        @Override
        public Points points(List<Neighbor> list, boolean full) {
            double best = list.isEmpty() ? 0 : list.getFirst().score();
            List<Double> places =
                    list.stream().map(n -> best <= 0 ? 0.0 : n.score() / best).toList();
            return new Points(places, full && !places.isEmpty() ? places.getLast() : 0);
        }
    }
}
