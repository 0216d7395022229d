/** The command line: one thin layer over the pipeline, the knowledge base and training. Decides nothing itself. */
@NullMarked
package org.reimagen.app;

import org.jspecify.annotations.NullMarked;
