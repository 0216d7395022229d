/** Room train. */
@NullMarked
package org.reimagen.train;

import org.jspecify.annotations.NullMarked;
