/** Room pipeline. */
@NullMarked
package org.reimagen.pipeline;

import org.jspecify.annotations.NullMarked;
