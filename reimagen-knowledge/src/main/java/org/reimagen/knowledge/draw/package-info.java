/** Pictures: vectors drawn on demand, rasters decoded within a pixel budget, backgrounds, perceptual hashes. */
@NullMarked
package org.reimagen.knowledge.draw;

import org.jspecify.annotations.NullMarked;
