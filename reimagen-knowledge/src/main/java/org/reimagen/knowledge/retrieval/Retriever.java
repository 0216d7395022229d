package org.reimagen.knowledge.retrieval;

import java.util.List;

/**
 * γ: the pairs of a knowledge base that are nearest to a prompt.
 *
 * <p>Contract: at most k neighbours, ranked from 1 by descending score, none excluded, each id once, the same for the same
 * query; an empty list where nothing matches. <b>Thread-safety</b>: safe. <b>Source</b>: Re-Imagen, arXiv 2209.14491,
 * section 3.1.
 */
public interface Retriever {
    /** The nearest pairs. */
    List<Neighbor> retrieve(Query query);
}
