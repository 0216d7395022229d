package org.reimagen.core.checkpoint;

import org.reimagen.core.ReImagenException;
import org.reimagen.core.model.UNetConfig;

/**
 * Everything needed to rebuild and sample the first stage of a model, or the layout network beside it; saved beside its weights.
 *
 * @param unet shape of the network
 * @param resolution side of the pictures in pixels
 * @param textEncoder name of the frozen text encoder whose states it reads
 * @param fromTime the earliest time that it is trained for, in [0,1): 0 for a network that draws alone; 0 where a file does not say
 */
public record StageConfig(UNetConfig unet, int resolution, String textEncoder, double fromTime) implements Stage {
    /** @throws ReImagenException naming the field that does not fit */
    public StageConfig {
        if (resolution <= 0 || resolution % unet.sizeMultiple() != 0) {
            throw new ReImagenException(
                    "resolution must be a positive multiple of " + unet.sizeMultiple() + ", was " + resolution);
        }
        if (!(fromTime >= 0 && fromTime < 1)) {
            throw new ReImagenException("from_time must be at least 0 and below 1, was " + fromTime);
        }
    }

    /** A network that is trained for all times. */
    public StageConfig(UNetConfig unet, int resolution, String textEncoder) {
        this(unet, resolution, textEncoder, 0);
    }
}
