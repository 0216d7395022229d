package org.reimagen.pipeline;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.reimagen.core.tensor.Futures;

/** A value that a thread of its own works out while others go on. <b>Thread-safety</b>: safe. */
final class Meanwhile<T> {
    private final FutureTask<T> task;

    private Meanwhile(FutureTask<T> task) {
        this.task = task;
    }

    /** Begins {@code work} now. */
    static <T> Meanwhile<T> begin(String name, Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().name(name).start(task);
        return new Meanwhile<>(task);
    }

    /**
     * Waits for the value whatever happens; an interrupt is kept for later.
     *
     * @throws RuntimeException or Error, what the work threw
     */
    T get() {
        try {
            return Futures.await(task);
        } catch (ExecutionException e) {
            throw Futures.thrown(e.getCause());
        }
    }

    /** Waits for the work to end, well or badly: what it reads may be closed after this. */
    void settle() {
        Futures.settle(task);
    }
}
