package org.reimagen.core.checkpoint;

import org.reimagen.core.ReImagenException;
import org.reimagen.core.model.UNetConfig;

/**
 * Everything needed to rebuild and sample one stage of a model; saved beside its weights.
 *
 * @param unet shape of the network
 * @param resolution side of the pictures in pixels
 * @param textEncoder name of the frozen text encoder whose states it reads
 */
public record StageConfig(UNetConfig unet, int resolution, String textEncoder) implements Stage {
    /** @throws ReImagenException naming the field that does not fit */
    public StageConfig {
        if (resolution <= 0 || resolution % unet.sizeMultiple() != 0) {
            throw new ReImagenException(
                    "resolution must be a positive multiple of " + unet.sizeMultiple() + ", was " + resolution);
        }
    }
}
