/** Pictures kept across restarts, each beside the settings that drew it. */
@NullMarked
package org.reimagen.server.gallery;

import org.jspecify.annotations.NullMarked;
