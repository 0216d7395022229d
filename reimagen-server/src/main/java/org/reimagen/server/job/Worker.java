package org.reimagen.server.job;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.reimagen.pipeline.GenerationResult;
import org.reimagen.pipeline.PngWriter;
import org.reimagen.pipeline.Progress;
import org.reimagen.pipeline.ProgressListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Draws one job after another and tells it how far it is; finished pictures are encoded and kept beside the next drawing. */
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
    @FunctionalInterface
    public interface Observer {
        /**
         * A drawing ended.
         *
         * @param millis by stage; empty unless it was finished
         */
        void ended(Job.State state, int pictures, Map<String, Long> millis);
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

    /** Draws; {@code ended} is run when the job has ended, perhaps by another thread. */
    void draw(Job job, Runnable ended) {
        long start = System.nanoTime();
        try {
            GenerationResult result = painter.paint(job.order().request().withListener(new Telling(job)));
            secondsPerJob = 0.7 * secondsPerJob + 0.3 * (System.nanoTime() - start) / 1e9;
            Thread.startVirtualThread(() -> {
                finish(job, result);
                ended.run();
            });
        } catch (CancellationException e) {
            end(job, Job.State.CANCELLED, e);
            ended.run();
        } catch (RuntimeException | OutOfMemoryError e) {
            end(job, Job.State.FAILED, e);
            ended.run();
        }
    }

    private void end(Job job, Job.State state, Throwable reason) {
        if (state == Job.State.FAILED) {
            LOG.error("drawing {} failed", job.id(), reason);
        }
        observer.ended(state, job.order().request().numImagesPerPrompt(), Map.of());
        job.failed(state, reason);
    }

    private void finish(Job job, GenerationResult result) {
        try {
            List<Drawing.Picture> pictures = new ArrayList<>();
            for (int i = 0; i < result.images().size(); i++) {
                pictures.add(picture(job.order(), result, i));
            }
            observer.ended(Job.State.DONE, pictures.size(), result.millis());
            job.done(new Drawing(pictures, result.retrieved(), result.millis()));
        } catch (RuntimeException | OutOfMemoryError e) {
            end(job, Job.State.FAILED, e);
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
