/** Room knowledge. */
@NullMarked
package org.reimagen.knowledge;

import org.jspecify.annotations.NullMarked;
