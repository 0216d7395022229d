package org.reimagen.train;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;

/**
 * Deals the next step's batch on a thread of its own while this step's is learned from.
 *
 * <p>A batch is a function of its step alone, so that what is dealt ahead equals what would be dealt when it is due; a
 * resumed run finds nothing dealt and asks anew. <b>Thread-safety</b>: {@link #take} from one thread; at most one batch is
 * dealt at a time. <b>Owns</b>: the thread, until {@link #close}.
 */
final class Ahead implements AutoCloseable {
    private final StageTraining training;
    private final ExecutorService dealer;
    private @Nullable Future<StageTraining.Batch> upcoming;
    private long upcomingStep;

    Ahead(StageTraining training) {
        this.training = training;
        this.dealer = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("next-batch").factory());
    }

    /**
     * The batch of {@code step}; the one after it is begun, unless {@code step} is the last.
     *
     * @param end steps of the whole run
     * @throws RuntimeException what {@link StageTraining#deal} threw for this step
     */
    StageTraining.Batch take(long step, long end) {
        Future<StageTraining.Batch> dealt =
                upcoming != null && upcomingStep == step ? upcoming : dealer.submit(() -> training.deal(step));
        upcomingStep = step + 1;
        upcoming = step + 1 < end ? dealer.submit(() -> training.deal(step + 1)) : null;
        return result(dealt, step);
    }

    private static StageTraining.Batch result(Future<StageTraining.Batch> dealt, long step) {
        try {
            return dealt.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new IllegalStateException("batch of step " + step, e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ReImagenException("interrupted while waiting for the batch of step " + step, e);
        }
    }

    /** Ends the thread; waits for the batch that it may be dealing, since that reads the data set and the encoder. */
    @Override
    public void close() {
        if (upcoming != null) {
            upcoming.cancel(false);
        }
        dealer.close();
    }
}
