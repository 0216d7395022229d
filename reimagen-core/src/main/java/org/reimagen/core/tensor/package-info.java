/** Tensor helpers over LibTorch: operations named as the field names them, who owns native memory, which threads compute. */
@NullMarked
package org.reimagen.core.tensor;

import org.jspecify.annotations.NullMarked;
