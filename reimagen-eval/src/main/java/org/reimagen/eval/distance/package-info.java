/**
 * How far two sets of pictures lie apart: Fréchet and kernel distance in the features of a network.
 *
 * <p>Only in the FID Inception network's features is the Fréchet distance called FID.
 */
@NullMarked
package org.reimagen.eval.distance;

import org.jspecify.annotations.NullMarked;
