package org.reimagen.knowledge.encoder;

import java.awt.image.BufferedImage;
import java.util.Set;

/**
 * Maps texts, pictures or both to vectors of length 1 whose dot product says how near two things are.
 *
 * <p>One that embeds both, as CLIP does, maps them into one space, so that a text finds pictures. <b>Thread-safety</b>: safe.
 */
public interface Embedder extends AutoCloseable {
    /** What can be embedded. */
    enum Modality {
        /** A caption or prompt. */
        TEXT,
        /** A picture, transparency shown as white. */
        PICTURE
    }

    /** Names the vectors in an index: embedders of one name must give the same vectors. */
    String name();

    /** Components of a vector, at most 1024. */
    int dim();

    /** Side in pixels at which the pictures of a base are best drawn for it. */
    default int side() {
        return 64;
    }

    /** What this embedder takes. */
    Set<Modality> modalities();

    /**
     * The vector {@code [dim]} of a text, of length 1.
     *
     * @throws UnsupportedOperationException if it takes no text
     */
    float[] embed(String text);

    /**
     * The vector {@code [dim]} of an ARGB picture of any size, of length 1.
     *
     * @throws UnsupportedOperationException if it takes no picture
     */
    float[] embed(BufferedImage picture);

    @Override
    void close();
}
