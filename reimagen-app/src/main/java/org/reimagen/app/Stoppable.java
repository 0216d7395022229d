package org.reimagen.app;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** Long work that a signal stops: it is asked to end, its last checkpoint is waited for, and the exit code says so; a failure keeps its own. */
final class Stoppable {
    private static final int STOPPED = 75;
    private static final int PATIENCE_SECONDS = 25;

    private Stoppable() {}

    /**
     * Runs {@code work} to its end, or to where it ends after {@code stop}.
     *
     * @param work returns whether it reached its end
     * @return the exit code: 0 done, 75 stopped and saved
     */
    static int run(Runnable stop, BooleanSupplier work) {
        CountDownLatch done = new CountDownLatch(1);
        AtomicBoolean stopped = new AtomicBoolean();
        Thread hook = new Thread(() -> {
            stop.run();
            try {
                if (done.await(PATIENCE_SECONDS, TimeUnit.SECONDS) && stopped.get()) {
                    Runtime.getRuntime().halt(STOPPED);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            stopped.set(!work.getAsBoolean());
        } finally {
            done.countDown();
        }
        return stopped.get() ? STOPPED : 0;
    }
}
