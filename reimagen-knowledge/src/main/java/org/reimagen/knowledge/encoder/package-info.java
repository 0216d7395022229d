/** Frozen text encoders through ONNX Runtime. Never downloads. */
@NullMarked
package org.reimagen.knowledge.encoder;

import org.jspecify.annotations.NullMarked;
