/** What an evaluation drew, for programs: {@code pictures.jsonl} beside the pictures, one line a picture. */
@NullMarked
package org.reimagen.eval.listing;

import org.jspecify.annotations.NullMarked;
