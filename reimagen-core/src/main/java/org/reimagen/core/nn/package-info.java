/** Blocks of the U-Net as LibTorch modules; a field's name is the checkpoint's key. Touches only {@code core.tensor}. */
@NullMarked
package org.reimagen.core.nn;

import org.jspecify.annotations.NullMarked;
