/** Optimisers over named parameters, learning-rate schedules and gradient clipping. */
@NullMarked
package org.reimagen.train.optim;

import org.jspecify.annotations.NullMarked;
