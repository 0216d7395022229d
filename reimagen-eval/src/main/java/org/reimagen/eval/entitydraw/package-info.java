/** EntityDrawBench: named entities by category and frequency, four pictures each. */
@NullMarked
package org.reimagen.eval.entitydraw;

import org.jspecify.annotations.NullMarked;
