package org.reimagen.pipeline;

/** Hears what became of every request of a batch, each exactly once and as soon as it is known, on the drawing thread. */
public interface ResultListener {
    /**
     * The pictures of a request are drawn.
     *
     * @param index of the request in its batch
     */
    void drawn(int index, GenerationResult result);

    /**
     * A request will not become a picture; the others of its batch go on.
     *
     * @param index of the request in its batch
     * @param reason a {@link java.util.concurrent.CancellationException} where its listener stopped it
     */
    void failed(int index, Throwable reason);
}
