/**
 * Training of every stage: what each learns from, the loop, its state on disk, averages and the self-test.
 *
 * <p>A step is a function of (seed, step number) and the state alone, so that a resumed run repeats it bit for bit.
 */
@NullMarked
package org.reimagen.train;

import org.jspecify.annotations.NullMarked;
