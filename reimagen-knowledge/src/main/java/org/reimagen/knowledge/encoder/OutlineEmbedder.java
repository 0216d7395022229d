package org.reimagen.knowledge.encoder;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Set;
import org.reimagen.knowledge.draw.Descriptor;
import org.reimagen.knowledge.draw.Pictures;

/** Outlines and coarse colours of a picture on white ({@link Descriptor}), scaled to length 1: nothing is learnt. */
public final class OutlineEmbedder implements Embedder {
    @Override
    public String name() {
        return "hog8-rgb8";
    }

    @Override
    public int dim() {
        return Descriptor.DIM;
    }

    @Override
    public Set<Modality> modalities() {
        return Set.of(Modality.PICTURE);
    }

    @Override
    public float[] embed(String text) {
        throw new UnsupportedOperationException(name() + " embeds no text");
    }

    @Override
    public float[] embed(BufferedImage picture) {
        BufferedImage small = Pictures.on(Color.WHITE, Pictures.fit(picture, Descriptor.SIDE));
        return UnitVector.of(Descriptor.of(small));
    }

    @Override
    public void close() {
        // holds nothing
    }
}
