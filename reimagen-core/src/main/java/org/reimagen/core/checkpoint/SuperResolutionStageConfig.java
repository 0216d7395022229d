package org.reimagen.core.checkpoint;

import org.reimagen.core.ReImagenException;
import org.reimagen.core.model.SuperResolutionConfig;

/**
 * Everything needed to rebuild and sample one super-resolution stage; saved beside its weights.
 *
 * @param network its shape
 * @param lowResolution side of the pictures it enlarges, in pixels
 * @param resolution side of the pictures it draws
 */
public record SuperResolutionStageConfig(SuperResolutionConfig network, int lowResolution, int resolution)
        implements Stage {
    /** @throws ReImagenException naming the field that does not fit */
    public SuperResolutionStageConfig {
        if (lowResolution <= 0 || resolution <= lowResolution || resolution % lowResolution != 0) {
            throw new ReImagenException("resolution must be a multiple of low_resolution, was %d of %d"
                    .formatted(resolution, lowResolution));
        }
        if (resolution % network.sizeMultiple() != 0) {
            throw new ReImagenException(
                    "resolution must be a multiple of " + network.sizeMultiple() + ", was " + resolution);
        }
    }

    /** Folder of the stage in a model: {@code sr256} or {@code sr1024}. */
    public String folder() {
        return "sr" + resolution;
    }
}
