package org.reimagen.knowledge.retrieval;

import org.reimagen.knowledge.Pair;

/**
 * One retrieved pair.
 *
 * @param score the retriever's own, larger is nearer
 * @param rank 1 for the nearest
 */
public record Neighbor(Pair pair, double score, int rank) {}
