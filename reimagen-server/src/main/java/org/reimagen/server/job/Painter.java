package org.reimagen.server.job;

import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.pipeline.GenerationResult;

/** What draws; called by one thread only. */
@FunctionalInterface
public interface Painter {
    /**
     * Draws, telling the request's listener.
     *
     * @throws java.util.concurrent.CancellationException if the listener stops it
     */
    GenerationResult paint(GenerationRequest request);
}
