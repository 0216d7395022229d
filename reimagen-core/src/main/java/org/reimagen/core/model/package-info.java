/** The Re-Imagen U-Net: configuration, DStack, UStack and their conditioning. Built from {@code core.nn}. */
@NullMarked
package org.reimagen.core.model;

import org.jspecify.annotations.NullMarked;
