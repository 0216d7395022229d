/** The bounded queue, the one worker that owns the model, and what is told of a drawing while it runs. */
@NullMarked
package org.reimagen.server.job;

import org.jspecify.annotations.NullMarked;
