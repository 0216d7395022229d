/** Does a retriever find the thing that was meant? Prompts over held-out entities, put in several ways. */
@NullMarked
package org.reimagen.eval.retrieval;

import org.jspecify.annotations.NullMarked;
