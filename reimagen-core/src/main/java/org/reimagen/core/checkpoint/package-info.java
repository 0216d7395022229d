/** Weights and configuration on disk: safetensors and the model folder. Reads strangers' files; knows of the network only its configuration. */
@NullMarked
package org.reimagen.core.checkpoint;

import org.jspecify.annotations.NullMarked;
