/** Figures from answers: shares with intervals, agreement, tables. */
@NullMarked
package org.reimagen.rating.figures;

import org.jspecify.annotations.NullMarked;
