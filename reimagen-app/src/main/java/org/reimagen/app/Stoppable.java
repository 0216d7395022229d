package org.reimagen.app;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Long work that a signal stops: it is asked to end, its last checkpoint is waited for, and the exit code says so; a failure keeps
 * its own. A second signal, or a work that does not end, ends the process at once: what was saved before stays.
 */
final class Stoppable {
    private static final int STOPPED = 75;
    private static final int IMPATIENT = 143;
    private static final int PATIENCE_SECONDS = 25;

    private Stoppable() {}

    /**
     * Runs {@code work} to its end, or to where it ends after {@code stop}.
     *
     * @param work returns whether it reached its end
     * @return the exit code: 0 done, 75 stopped and saved
     */
    static int run(Runnable stop, BooleanSupplier work) {
        AtomicBoolean asked = new AtomicBoolean();
        StopSignals.handle(() -> {
            if (asked.getAndSet(true)) {
                Runtime.getRuntime().halt(IMPATIENT);
            }
            stop.run();
            Thread.ofPlatform().daemon().name("patience").start(Stoppable::waitNoLonger);
        });
        return work.getAsBoolean() ? 0 : STOPPED;
    }

    private static void waitNoLonger() {
        try {
            TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
            Runtime.getRuntime().halt(IMPATIENT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
