/**
 * How good a model is: programs that draw what was held out of training and measure it against the truth.
 *
 * <p>May use every module above it; only the command line may use it.
 */
@NullMarked
package org.reimagen.eval;

import org.jspecify.annotations.NullMarked;
