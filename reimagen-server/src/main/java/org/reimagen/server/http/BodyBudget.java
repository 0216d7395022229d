package org.reimagen.server.http;

import java.util.concurrent.Semaphore;

/** Bounds the memory of bodies that are being read at the same time. <b>Thread-safety</b>: safe. */
final class BodyBudget {
    private static final int UNIT = 64 << 10;

    private final Semaphore units;

    /** A budget of so many bytes. */
    BodyBudget(int bytes) {
        units = new Semaphore(bytes / UNIT);
    }

    /** Memory held until closed. */
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Takes what a body of the declared length may need; with none declared, the whole limit.
     *
     * @throws ApiException 503 if too much is being read already
     */
    Held take(long declared, int limit) {
        long bytes = declared >= 0 ? declared : limit;
        int wanted = (int) (bytes / UNIT) + 1;
        if (!units.tryAcquire(wanted)) {
            throw ApiException.later(503, "busy", "too many large bodies are being read; try again", 1);
        }
        return () -> units.release(wanted);
    }
}
