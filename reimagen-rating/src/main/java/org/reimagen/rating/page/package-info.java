/** The page on which people rate, on loopback only. */
@NullMarked
package org.reimagen.rating.page;

import org.jspecify.annotations.NullMarked;
