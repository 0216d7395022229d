/** Room app. */
@NullMarked
package org.reimagen.app;

import org.jspecify.annotations.NullMarked;
