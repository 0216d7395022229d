/**
 * The knowledge base: (picture, text) pairs in a Lucene index, their pictures content-addressed on disk.
 *
 * <p>Knows nothing of networks; {@code ingest} fills it, {@code retrieval} asks it, {@code draw} renders its vectors.
 */
@NullMarked
package org.reimagen.knowledge;

import org.jspecify.annotations.NullMarked;
