/** Tensor helpers over LibTorch: operations named as the field names them, and who owns native memory. */
@NullMarked
package org.reimagen.core.tensor;

import org.jspecify.annotations.NullMarked;
