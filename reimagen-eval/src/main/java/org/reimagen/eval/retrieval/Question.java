package org.reimagen.eval.retrieval;

import org.reimagen.knowledge.retrieval.Query;

/**
 * One look-up whose right answer is known.
 *
 * @param entity that every neighbour should be
 * @param wording how it is asked for
 * @param shown what is asked, to be read
 * @param query likewise, for the retriever; its k is replaced
 */
public record Question(String entity, Wording wording, String shown, Query query) {}
