/** One page with all figures, each held against the score that is expected of it. */
@NullMarked
package org.reimagen.eval.report;

import org.jspecify.annotations.NullMarked;
