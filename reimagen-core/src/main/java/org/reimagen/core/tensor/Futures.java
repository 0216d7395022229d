package org.reimagen.core.tensor;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Waiting for work that cannot be left behind, such as native work. */
public final class Futures {
    private Futures() {}

    /** Waits whatever happens. An interrupt is kept for later. */
    public static <T> T await(Future<T> one) throws ExecutionException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return one.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits for it to end, well or badly. */
    public static void settle(Future<?> one) {
        try {
            await(one);
        } catch (ExecutionException _) {
            // whoever needs the result meets it
        }
    }

    /** {@code failure} as what can be thrown. */
    public static RuntimeException thrown(@Nullable Throwable failure) {
        return switch (failure) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            case null, default -> new IllegalStateException(failure);
        };
    }
}
