package org.reimagen.core.tensor;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The one thread of the process on which models are loaded and draw.
 *
 * <p>Every thread that computes in parallel gets helpers of its own from OpenMP, as many as the engine has threads less one, for as
 * long as it lives. With more of them than cores OpenMP lets waiting helpers sleep, and the many short operations of a network then
 * wait for them to wake: on two cores a model loaded by one thread drew in twice the time on another. <b>Thread-safety</b>: safe;
 * what is given to it is done in turn, and at once where it comes from the thread itself.
 */
public final class EngineThread {
    private static final ThreadLocal<Boolean> HERE = ThreadLocal.withInitial(() -> false);

    private static volatile @Nullable Future<Boolean> warming;

    private EngineThread() {}

    private static final class Shared {
        static final ExecutorService THREAD = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("engine").factory());
    }

    /**
     * Does {@code work} and waits for it whatever happens; an interrupt is kept for later.
     *
     * @return what it returned; tensors among it must have been {@link Scopes#keep kept}
     * @throws RuntimeException or Error, what it threw
     */
    public static <T> T call(Supplier<T> work) {
        if (HERE.get()) {
            return work.get();
        }
        try {
            begun();
            return Futures.await(Shared.THREAD.submit(() -> {
                HERE.set(true);
                return work.get();
            }));
        } catch (ExecutionException e) {
            throw Futures.thrown(e.getCause());
        }
    }

    /** Begins to load the engine and returns at once; the next {@link #call} comes after it and throws what it threw. */
    public static void warmUp() {
        warming = Shared.THREAD.submit(() -> {
            try (Tensor _ = torch.ones(1)) {
                return true;
            }
        });
    }

    /** Waits for what {@link #warmUp} began, if anything: a process that ends while native code is being loaded may crash. */
    public static void settle() {
        Future<Boolean> begun = warming;
        if (begun != null) {
            Futures.settle(begun);
        }
    }

    private static void begun() throws ExecutionException {
        Future<Boolean> begun = warming;
        if (begun != null) {
            Futures.await(begun);
        }
    }

    /** As {@link #call}, of what returns nothing. */
    public static void run(Runnable work) {
        call(() -> {
            work.run();
            return true;
        });
    }
}
