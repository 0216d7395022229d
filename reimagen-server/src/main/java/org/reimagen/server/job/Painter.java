package org.reimagen.server.job;

import java.util.List;
import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.pipeline.ResultListener;

/** What draws; called by one thread only. */
@FunctionalInterface
public interface Painter {
    /**
     * Draws requests that {@linkplain GenerationRequest#drawsWith draw with} each other, telling the listener of each its steps, and
     * {@code ended} what became of it.
     */
    void paint(List<GenerationRequest> requests, ResultListener ended);
}
