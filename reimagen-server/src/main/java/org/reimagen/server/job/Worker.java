package org.reimagen.server.job;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.pipeline.GenerationResult;
import org.reimagen.pipeline.PngWriter;
import org.reimagen.pipeline.Progress;
import org.reimagen.pipeline.ProgressListener;
import org.reimagen.pipeline.ResultListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Draws batches of jobs and tells each how far it is; finished pictures are encoded and kept beside the next drawing. */
public final class Worker {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final long PREVIEW_EVERY_NANOS = 120_000_000;

    private final Painter painter;
    private final Keeper keeper;
    private final Observer observer;
    private volatile double secondsPerJob = 2;

    /** Keeps pictures. */
    @FunctionalInterface
    public interface Keeper {
        /** Keeps one picture of a finished drawing; the id it is kept under, empty if it is not. */
        Optional<String> keep(Order order, GenerationResult result, int index, byte[] png);
    }

    /** Hears of every drawing that ended. */
    public interface Observer {
        /** A batch begins, of so many pictures. */
        void began(int pictures);

        /**
         * A drawing ended.
         *
         * @param millis by stage; empty unless it was finished
         */
        void ended(Job.State state, Map<String, Long> millis);
    }

    /** A worker; {@code keeper} is called only for orders to keep. */
    public Worker(Painter painter, Keeper keeper, Observer observer) {
        this.painter = painter;
        this.keeper = keeper;
        this.observer = observer;
    }

    /** A running mean of what one job takes. */
    double secondsPerJob() {
        return secondsPerJob;
    }

    /** Draws together; {@code ended} is run with each job that has ended, perhaps by another thread. */
    void draw(List<Job> jobs, Consumer<Job> ended) {
        long start = System.nanoTime();
        observer.began(jobs.stream().mapToInt(Job::pictures).sum());
        List<GenerationRequest> requests = jobs.stream()
                .map(job -> job.order().request().withListener(new Telling(job)))
                .toList();
        Set<Job> left = new HashSet<>(jobs);
        try {
            painter.paint(requests, new ResultListener() {
                @Override
                public void drawn(int index, GenerationResult result) {
                    Job job = jobs.get(index);
                    left.remove(job);
                    Thread.startVirtualThread(() -> {
                        finish(job, result);
                        ended.accept(job);
                    });
                }

                @Override
                public void failed(int index, Throwable reason) {
                    Job job = jobs.get(index);
                    left.remove(job);
                    end(job, reason);
                    ended.accept(job);
                }
            });
        } catch (RuntimeException | OutOfMemoryError e) {
            left.forEach(job -> {
                end(job, e);
                ended.accept(job);
            });
        }
        secondsPerJob = 0.7 * secondsPerJob + 0.3 * (System.nanoTime() - start) / 1e9 / jobs.size();
    }

    private void end(Job job, Throwable reason) {
        Job.State state = reason instanceof CancellationException ? Job.State.CANCELLED : Job.State.FAILED;
        if (state == Job.State.FAILED) {
            LOG.error("drawing {} failed", job.id(), reason);
        }
        observer.ended(state, Map.of());
        job.failed(state, reason);
    }

    private void finish(Job job, GenerationResult result) {
        try {
            List<Drawing.Picture> pictures = new ArrayList<>();
            for (int i = 0; i < result.images().size(); i++) {
                pictures.add(picture(job.order(), result, i));
            }
            observer.ended(Job.State.DONE, result.millis());
            job.done(new Drawing(pictures, result.retrieved(), result.millis()));
        } catch (RuntimeException | OutOfMemoryError e) {
            end(job, e);
        }
    }

    private Drawing.Picture picture(Order order, GenerationResult result, int index) {
        BufferedImage image = result.images().get(index);
        byte[] png = PngWriter.encode(image, result.metadata(index));
        String kept = order.keep() ? keeper.keep(order, result, index, png).orElse(null) : null;
        return new Drawing.Picture(
                new Drawing.PngFile(png),
                result.seeds().get(index),
                result.copyScores().get(index),
                image.getWidth(),
                kept);
    }

    /** Tells a job of its steps, with previews not more often than eyes follow. */
    private static final class Telling implements ProgressListener {
        private final Job job;
        private long last;
        private int number;

        Telling(Job job) {
            this.job = job;
        }

        @Override
        public boolean onStep(Progress progress) {
            if (!job.isWanted()) {
                return false;
            }
            boolean complete = progress.step() == progress.steps();
            boolean due = complete || System.nanoTime() - last > PREVIEW_EVERY_NANOS;
            job.stepped(
                    new Job.Step(progress.resolution(), progress.step(), progress.steps()),
                    job.order().previews() && due ? previews(progress, complete) : List.of());
            return true;
        }

        private List<Job.Preview> previews(Progress progress, boolean complete) {
            List<Job.Preview> shown = new ArrayList<>();
            for (BufferedImage image : progress.previews().get()) {
                Drawing.PngFile file = new Drawing.PngFile(PngWriter.encode(image, Map.of()));
                int index = progress.first() + shown.size();
                shown.add(new Job.Preview(progress.resolution(), index, complete, ++number, file));
            }
            last = System.nanoTime();
            return shown;
        }
    }
}
