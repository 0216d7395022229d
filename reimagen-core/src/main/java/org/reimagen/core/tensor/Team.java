package org.reimagen.core.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.bytedeco.pytorch.global.torch;

/**
 * Threads that compute side by side, each with one thread of the engine to itself.
 *
 * <p>The engine can spread one operation over several threads, but small ones gain little by it and every one waits for the
 * slowest thread. Independent parts of the work scale better when each goes through on a thread of its own. Scopes, autocast and
 * gradient mode belong to a thread: a part starts without any of the caller's. <b>Thread-safety</b>: safe; a part must not
 * itself run parts.
 */
public final class Team implements AutoCloseable {
    private final int size;
    private final ExecutorService threads;

    private static final class Shared {
        static final Team TEAM = new Team(Math.max(1, torch.get_num_threads()));
    }

    /** A team of {@code size} threads. <b>Owns</b>: the threads, which end no later than the process. */
    public Team(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("a team needs at least one thread, not " + size);
        }
        this.size = size;
        this.threads = Executors.newFixedThreadPool(
                size, Thread.ofPlatform().daemon().name("engine-", 1).factory());
        alone();
    }

    /** As many threads as the engine itself was set to use when this was first asked for; never closed. */
    public static Team shared() {
        return Shared.TEAM;
    }

    /** Tells every thread to compute alone. That also sets what threads to come begin with, hence the way back. */
    private void alone() {
        int before = torch.get_num_threads();
        try {
            List<Supplier<Integer>> all = new ArrayList<>();
            CyclicBarrier everyone = new CyclicBarrier(size);
            for (int i = 0; i < size; i++) {
                all.add(() -> {
                    await(everyone);
                    torch.set_num_threads(1);
                    return torch.get_num_threads();
                });
            }
            run(all);
        } finally {
            torch.set_num_threads(before);
        }
    }

    private static void await(CyclicBarrier everyone) {
        try {
            everyone.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Number of threads. */
    public int size() {
        return size;
    }

    /**
     * Runs all parts and waits for them.
     *
     * @return what each returned, in the order of {@code parts}; tensors among it must have been {@link Scopes#keep kept}
     * @throws RuntimeException of the first part that failed, after all have ended
     */
    public <T> List<T> run(List<Supplier<T>> parts) {
        List<Future<T>> running = new ArrayList<>();
        for (Supplier<T> part : parts) {
            running.add(threads.submit(part::get));
        }
        List<T> results = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        for (Future<T> one : running) {
            try {
                results.add(Futures.await(one));
            } catch (ExecutionException e) {
                failures.add(e.getCause());
            }
        }
        if (!failures.isEmpty()) {
            throw Futures.thrown(failures.getFirst());
        }
        return results;
    }

    /** Runs one part as {@link #run} does. */
    public <T> T call(Supplier<T> part) {
        return run(List.of(part)).getFirst();
    }

    /** Ends the threads. */
    @Override
    public void close() {
        threads.close();
    }
}
