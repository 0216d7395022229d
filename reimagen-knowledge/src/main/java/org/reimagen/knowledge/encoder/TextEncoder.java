package org.reimagen.knowledge.encoder;

/**
 * A frozen text encoder. <b>Thread-safety</b>: safe.
 *
 * <p><b>Source</b>: Re-Imagen, arXiv 2209.14491, section 3.2: c_p are the per-token states of a frozen language model.
 */
public interface TextEncoder extends AutoCloseable {
    /** States of {@code text}, cut off at the encoder's longest length; the same text gives the same states. */
    EncodedText encode(String text);

    /** Channels of a state. */
    int dim();

    /** Name by which a model's configuration refers to this encoder. */
    String name();

    @Override
    void close();
}
