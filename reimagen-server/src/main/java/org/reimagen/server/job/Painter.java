package org.reimagen.server.job;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.function.Supplier;
import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.pipeline.GenerationResult;

/** What draws; called by one thread only. */
@FunctionalInterface
public interface Painter {
    /** Hears of every denoising step. */
    @FunctionalInterface
    interface Steps {
        /**
         * A step is done.
         *
         * @param resolution of the stage: the side of its pictures in pixels
         * @param step from 1
         * @param preview the pictures as they look now, drawn when asked for, during this call only
         * @return whether to go on
         */
        boolean onStep(int resolution, int step, int steps, Supplier<List<BufferedImage>> preview);
    }

    /**
     * Draws.
     *
     * @throws java.util.concurrent.CancellationException if {@code steps} stops it
     */
    GenerationResult paint(GenerationRequest request, Steps steps);
}
