/** Tensors, network, diffusion mathematics and checkpoints; the only place of the network's definition. */
@NullMarked
package org.reimagen.core;

import org.jspecify.annotations.NullMarked;
