/** Sources of pairs: folders, tables and picture sets. Reads strangers' files; writes only through the writer. */
@NullMarked
package org.reimagen.knowledge.ingest;

import org.jspecify.annotations.NullMarked;
