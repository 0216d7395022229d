package org.reimagen.server.job;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.reimagen.server.http.ApiException;

/**
 * A bounded queue and the one worker that draws. The job at the head is drawn next, in one batch with those behind it that may be
 * drawn with it and find room; so none waits longer for that.
 *
 * <p><b>Thread-safety</b>: safe. <b>Owns</b>: its worker thread, until {@link #drain}.
 */
public final class JobQueue {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Worker worker;
    private final BiConsumer<String, Order> began;
    private final int capacity;
    private final int batch;
    private final Deque<Job> queued = new ArrayDeque<>();
    private final Map<String, Job> unfinished = new ConcurrentHashMap<>();
    private final AtomicInteger finishing = new AtomicInteger();
    private final Thread thread;
    private List<Job> drawing = List.of();
    private boolean closed;

    /**
     * A queue whose worker starts at once.
     *
     * @param capacity most jobs that wait
     * @param batch most pictures of several jobs that are drawn together
     * @param began told of each job that is taken
     */
    public JobQueue(int capacity, int batch, Worker worker, BiConsumer<String, Order> began) {
        this.batch = batch;
        this.began = began;
        this.capacity = capacity;
        this.worker = worker;
        this.thread = Thread.ofPlatform().name("drawing").start(this::work);
    }

    /** A job and the place of who asked for it among those who wait. */
    public record Joined(Job job, Job.Waiting waiting) {}

    /**
     * Queues a drawing.
     *
     * @param present whether who asks is still there
     * @throws ApiException 429 if the queue is full, 503 if the server is ending; both with Retry-After
     */
    public Joined submit(Order order, BooleanSupplier present) {
        synchronized (queued) {
            if (closed) {
                throw ApiException.later(503, "shutting_down", "the server is ending", 30);
            }
            queued.removeIf(job -> {
                boolean left = !job.isWanted();
                if (left) {
                    forget(job);
                }
                return left;
            });
            if (queued.size() >= capacity) {
                throw ApiException.later(429, "queue_full", "the queue is full", retryAfter());
            }
            byte[] random = new byte[16];
            RANDOM.nextBytes(random);
            Job job = new Job(HexFormat.of().formatHex(random), order);
            Job.Waiting waiting = job.join(present);
            queued.add(job);
            unfinished.put(job.id(), job);
            number();
            queued.notifyAll();
            began.accept(job.id(), order);
            return new Joined(job, waiting);
        }
    }

    private long retryAfter() {
        return Math.clamp(Math.round(worker.secondsPerJob() * queued.size() / 2), 1, 300);
    }

    private void forget(Job job) {
        job.stop();
        unfinished.remove(job.id());
    }

    private void number() {
        int position = 1;
        for (Job job : queued) {
            job.queuedAt(position++);
        }
    }

    /** Stops a job; false if there is no such unfinished one. */
    public boolean cancel(String id) {
        Job job = unfinished.get(id);
        if (job == null) {
            return false;
        }
        synchronized (queued) {
            if (queued.remove(job)) {
                unfinished.remove(id);
                number();
            }
        }
        job.stop();
        return true;
    }

    /** Jobs that wait. */
    public int length() {
        synchronized (queued) {
            return queued.size();
        }
    }

    /** Whether new jobs are taken. */
    public boolean isOpen() {
        synchronized (queued) {
            return !closed;
        }
    }

    private void work() {
        for (List<Job> next = next(); !next.isEmpty(); next = next()) {
            List<Job> started = new ArrayList<>();
            for (Job job : next) {
                if (job.isWanted() && job.start()) {
                    started.add(job);
                } else {
                    forget(job);
                }
            }
            if (!started.isEmpty()) {
                finishing.addAndGet(started.size());
                worker.draw(started, job -> {
                    unfinished.remove(job.id());
                    finishing.decrementAndGet();
                });
            }
        }
    }

    /** The next batch; none once the queue is closed and empty. */
    private List<Job> next() {
        synchronized (queued) {
            drawing = List.of();
            while (queued.isEmpty() && !closed) {
                try {
                    queued.wait();
                } catch (InterruptedException e) {
                    closed = true;
                }
            }
            drawing = batch();
            number();
            return drawing;
        }
    }

    private List<Job> batch() {
        List<Job> together = new ArrayList<>();
        int pictures = 0;
        for (Job job : queued) {
            boolean fits = pictures + job.pictures() <= batch && job.drawsWith(queued.getFirst());
            if (together.isEmpty() || fits) {
                together.add(job);
                pictures += job.pictures();
            }
        }
        queued.removeAll(together);
        return together;
    }

    /**
     * Takes no more jobs, draws what was taken, and stops what is left when the time is over; returns when the worker has ended.
     */
    public void drain(Duration most) throws InterruptedException {
        List<Job> left;
        synchronized (queued) {
            closed = true;
            left = new ArrayList<>(drawing);
            left.addAll(queued);
            queued.notifyAll();
        }
        long end = System.nanoTime() + most.toNanos();
        for (Job job : left) {
            if (!job.awaitEnd(Duration.ofNanos(Math.max(0, end - System.nanoTime())))) {
                cancel(job.id());
            }
        }
        thread.join();
        while (finishing.get() > 0) {
            Thread.sleep(5);
        }
    }
}
