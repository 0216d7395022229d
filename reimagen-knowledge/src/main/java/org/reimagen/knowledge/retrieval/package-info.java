/** Which pairs are nearest to a prompt: the Retriever contract and BM25. */
@NullMarked
package org.reimagen.knowledge.retrieval;

import org.jspecify.annotations.NullMarked;
