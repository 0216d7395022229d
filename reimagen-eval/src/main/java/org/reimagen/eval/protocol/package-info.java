/** Protocols of the paper's tables: draw N captions of a data set at several guidance weights, and measure the distance. */
@NullMarked
package org.reimagen.eval.protocol;

import org.jspecify.annotations.NullMarked;
