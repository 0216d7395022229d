package org.reimagen.knowledge.encoder;

import java.awt.image.BufferedImage;
import java.util.Set;

/**
 * A text encoder's pooled state, scaled to length 1: finds captions that mean what a prompt means.
 *
 * <p><b>Source</b>: Xiao et al., C-Pack, arXiv 2309.07597 (bge), whose pooled states were trained to be compared so.
 */
public final class CaptionEmbedder implements Embedder {
    private final TextEncoder encoder;

    /**
     * @param encoder stays the caller's: closing this leaves it open
     */
    public CaptionEmbedder(TextEncoder encoder) {
        this.encoder = encoder;
    }

    @Override
    public String name() {
        return encoder.name();
    }

    @Override
    public int dim() {
        return encoder.dim();
    }

    @Override
    public Set<Modality> modalities() {
        return Set.of(Modality.TEXT);
    }

    @Override
    public float[] embed(String text) {
        return UnitVector.of(encoder.encode(text).pooled());
    }

    @Override
    public float[] embed(BufferedImage picture) {
        throw new UnsupportedOperationException(name() + " embeds no pictures");
    }

    @Override
    public void close() {
        // the encoder is the caller's
    }
}
