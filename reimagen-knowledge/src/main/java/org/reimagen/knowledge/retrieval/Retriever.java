package org.reimagen.knowledge.retrieval;

import java.util.List;

/**
 * γ: the pairs of a knowledge base that are nearest to a prompt.
 *
 * <p>Contract: at most k neighbours, ranked from 1 by descending score, none excluded, each id once, the same for the same
 * query; an empty list where nothing matches, and where nothing is asked. <b>Thread-safety</b>: safe. <b>Source</b>: Re-Imagen, arXiv 2209.14491,
 * section 3.1.
 */
public interface Retriever {
    /** The nearest pairs. */
    List<Neighbor> retrieve(Query query);

    /**
     * The share of the best score, 0 to 1, below which a neighbour is no longer about what was asked; 0 where the scores
     * cannot tell.
     */
    default double leastShare() {
        return 0;
    }
}
