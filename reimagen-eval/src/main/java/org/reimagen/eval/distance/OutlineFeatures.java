package org.reimagen.eval.distance;

import java.awt.image.BufferedImage;
import org.reimagen.knowledge.draw.Descriptor;
import org.reimagen.knowledge.draw.Pictures;

/** {@link Descriptor} of the picture at 64×64: where no Inception weights are at hand. Its distances are no FID. */
public final class OutlineFeatures implements FeatureNetwork {
    @Override
    public String description() {
        return "hog8-rgb8 (%d channels, 64 x 64, nothing learnt)".formatted(Descriptor.DIM);
    }

    @Override
    public String frechetName() {
        return "frechet_distance_hog8_rgb8";
    }

    @Override
    public String kernelName() {
        return "kernel_distance_hog8_rgb8";
    }

    @Override
    public float[] features(BufferedImage rgb) {
        return Descriptor.of(Pictures.on(java.awt.Color.WHITE, Pictures.fit(rgb, Descriptor.SIDE)));
    }

    @Override
    public void close() {
        // holds nothing
    }
}
