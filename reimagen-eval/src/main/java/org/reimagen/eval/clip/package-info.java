/** What a dual encoder says of pictures: recall of held-out entities, and agreement of drawings with text and truth. */
@NullMarked
package org.reimagen.eval.clip;

import org.jspecify.annotations.NullMarked;
