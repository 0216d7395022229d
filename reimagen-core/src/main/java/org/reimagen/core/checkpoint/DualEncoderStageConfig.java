package org.reimagen.core.checkpoint;

import org.reimagen.core.ReImagenException;
import org.reimagen.core.model.DualEncoderConfig;

/**
 * Everything needed to rebuild a dual encoder and to feed it; saved beside its weights.
 *
 * @param dualEncoder shape of the network
 * @param resolution side of the pictures it looks at, in pixels
 * @param textEncoder name of the frozen text encoder whose pooled states it projects
 */
public record DualEncoderStageConfig(DualEncoderConfig dualEncoder, int resolution, String textEncoder)
        implements Stage {
    /** @throws ReImagenException naming the field that does not fit */
    public DualEncoderStageConfig {
        if (resolution <= 0 || resolution % dualEncoder.sizeMultiple() != 0) {
            throw new ReImagenException("resolution must be a positive multiple of %d, was %d"
                    .formatted(dualEncoder.sizeMultiple(), resolution));
        }
    }
}
