/**
 * Which pairs are nearest to a prompt: by words ({@link org.reimagen.knowledge.retrieval.Bm25Retriever}), by meaning or picture
 * ({@link org.reimagen.knowledge.retrieval.DenseRetriever}), or by several at once
 * ({@link org.reimagen.knowledge.retrieval.FusionRetriever}, {@link org.reimagen.knowledge.retrieval.ParetoRetriever}).
 * What a prompt names letter for letter is read by {@code NamedEntities}.
 * {@link org.reimagen.knowledge.retrieval.Retrievers} names and makes them; what a query allows, and in which order equals come,
 * is decided in {@code Candidates} alone.
 */
@NullMarked
package org.reimagen.knowledge.retrieval;

import org.jspecify.annotations.NullMarked;
