package org.reimagen.server.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A drawing on its way: what is known of it, and who waits for it. It is wanted as long as somebody who waits is there.
 *
 * <p><b>Thread-safety</b>: safe; the worker tells, any number of requests wait.
 */
public final class Job {
    /** Where a job is. */
    public enum State {
        /** Waits for the worker. */
        QUEUED,
        /** Is being drawn. */
        DRAWING,
        /** Its pictures are there. */
        DONE,
        /** Will not become a picture, see the failure. */
        FAILED,
        /** Was stopped: by a client, because nobody waits any more, or at the server's end. */
        CANCELLED
    }

    /**
     * How far a job is.
     *
     * @param resolution of the stage being drawn
     * @param step the last step done, from 1
     */
    public record Step(int resolution, int step, int steps) {}

    /**
     * An unfinished picture.
     *
     * @param resolution of its stage
     * @param index of the picture in its request
     * @param complete whether it is the stage's last
     * @param number counts the previews of a job from 1
     */
    public record Preview(int resolution, int index, boolean complete, int number, Drawing.PngFile file) {}

    /**
     * What is known at one moment.
     *
     * @param version grows with every change
     * @param position in the queue, 1 is next; 0 when not queued
     * @param previews the newest of every stage and picture, oldest first
     */
    public record View(
            long version,
            State state,
            int position,
            @Nullable Step step,
            List<Preview> previews,
            @Nullable Drawing drawing,
            @Nullable Throwable failure) {
        /** Whether nothing more will come. */
        public boolean isFinished() {
            return state == State.DONE || state == State.FAILED || state == State.CANCELLED;
        }
    }

    private final String id;
    private final Order order;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<BooleanSupplier> waiting = new ArrayList<>();
    private final List<Preview> previews = new ArrayList<>();
    private long version;
    private State state = State.QUEUED;
    private int position;
    private boolean stopped;
    private @Nullable Step step;
    private @Nullable Drawing drawing;
    private @Nullable Throwable failure;

    Job(String id, Order order) {
        this.id = id;
        this.order = order;
    }

    /** Unguessable; whoever knows it may cancel the job. */
    public String id() {
        return id;
    }

    /** What is wanted. */
    public Order order() {
        return order;
    }

    /** Pictures that are wanted. */
    int pictures() {
        return order.request().numImagesPerPrompt();
    }

    /** Whether one batch may hold both. */
    boolean drawsWith(Job other) {
        return order.request().drawsWith(other.order.request());
    }

    /** What is known now. */
    public View view() {
        lock.lock();
        try {
            return new View(version, state, position, step, List.copyOf(previews), drawing, failure);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until more is known than at {@code seen}, at most so long; what is known then. */
    public View awaitChange(long seen, Duration most) throws InterruptedException {
        lock.lock();
        try {
            long left = most.toNanos();
            while (version == seen && left > 0) {
                left = changed.awaitNanos(left);
            }
            return view();
        } finally {
            lock.unlock();
        }
    }

    /** Somebody waits, as long as {@code present} says so; closing what is returned ends it. */
    public Waiting join(BooleanSupplier present) {
        lock.lock();
        try {
            waiting.add(present);
        } finally {
            lock.unlock();
        }
        return () -> leave(present);
    }

    /** A request that waits for a job. */
    public interface Waiting extends AutoCloseable {
        @Override
        void close();
    }

    private void leave(BooleanSupplier present) {
        lock.lock();
        try {
            waiting.remove(present);
        } finally {
            lock.unlock();
        }
    }

    /** Whether to go on: nobody stopped it, and somebody who waits is there. */
    boolean isWanted() {
        List<BooleanSupplier> asked;
        lock.lock();
        try {
            if (stopped) {
                return false;
            }
            asked = List.copyOf(waiting);
        } finally {
            lock.unlock();
        }
        return asked.stream().anyMatch(BooleanSupplier::getAsBoolean);
    }

    /** Stops it: at once if it is queued, within a step if it is being drawn. */
    void stop() {
        change(() -> {
            stopped = true;
            if (state == State.QUEUED) {
                state = State.CANCELLED;
                position = 0;
            }
        });
    }

    void queuedAt(int newPosition) {
        if (position != newPosition) {
            change(() -> position = newPosition);
        }
    }

    /** Goes from queued to drawing; false if it was stopped before. */
    boolean start() {
        lock.lock();
        try {
            if (state != State.QUEUED) {
                return false;
            }
            change(() -> {
                state = State.DRAWING;
                position = 0;
            });
            return true;
        } finally {
            lock.unlock();
        }
    }

    void stepped(Step newStep, List<Preview> shown) {
        change(() -> {
            step = newStep;
            shown.forEach(p -> {
                previews.removeIf(old -> old.resolution() == p.resolution() && old.index() == p.index());
                previews.add(p);
            });
        });
    }

    void done(Drawing finished) {
        change(() -> {
            state = State.DONE;
            drawing = finished;
        });
    }

    void failed(State end, Throwable reason) {
        change(() -> {
            state = end;
            failure = reason;
        });
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            version++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the end, at most so long; whether it came. */
    boolean awaitEnd(Duration most) throws InterruptedException {
        long end = System.nanoTime() + most.toNanos();
        View now = view();
        while (!now.isFinished() && System.nanoTime() < end) {
            now = awaitChange(now.version(), Duration.ofNanos(end - System.nanoTime()));
        }
        return now.isFinished();
    }
}
