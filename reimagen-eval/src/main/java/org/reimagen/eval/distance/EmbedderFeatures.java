package org.reimagen.eval.distance;

import java.awt.image.BufferedImage;
import org.reimagen.knowledge.encoder.Embedder;

/** A dual encoder's picture vectors, of length 1. Its distances are no FID; {@link Cmmd} is defined over them. */
public final class EmbedderFeatures implements FeatureNetwork {
    private final Embedder embedder;

    /** @param embedder of pictures; closed together with this one */
    public EmbedderFeatures(Embedder embedder) {
        this.embedder = embedder;
    }

    @Override
    public String description() {
        return "%s (%d channels, length 1)".formatted(embedder.name(), embedder.dim());
    }

    private String suffix() {
        return embedder.name().replace('-', '_');
    }

    @Override
    public String frechetName() {
        return "frechet_distance_" + suffix();
    }

    @Override
    public String kernelName() {
        return "kernel_distance_" + suffix();
    }

    @Override
    public float[] features(BufferedImage rgb) {
        return embedder.embed(rgb);
    }

    @Override
    public void close() {
        embedder.close();
    }
}
