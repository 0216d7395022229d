package org.reimagen.pipeline;

/** Hears of every step of every stage and may stop the run. */
@FunctionalInterface
public interface ProgressListener {
    /** Goes on to the end. */
    ProgressListener NONE = progress -> true;

    /**
     * Called after each step, on the sampling thread.
     *
     * @return false to stop the run, which then ends with a {@link java.util.concurrent.CancellationException}
     */
    boolean onStep(Progress progress);
}
