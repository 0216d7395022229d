/**
 * From a request to a picture: retrieve, encode, condition, sample, write.
 *
 * <p>The one API that the command line, the server and library users share. Decides nothing about diffusion or retrieval, but which of
 * several layouts of a picture goes on ({@link org.reimagen.pipeline.Candidates}) and that flat areas and a plain background end flat
 * ({@link org.reimagen.pipeline.Finish}).
 */
@NullMarked
package org.reimagen.pipeline;

import org.jspecify.annotations.NullMarked;
