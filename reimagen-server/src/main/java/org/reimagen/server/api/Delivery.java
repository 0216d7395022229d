package org.reimagen.server.api;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.reimagen.server.http.ApiException;
import org.reimagen.server.http.EventStream;
import org.reimagen.server.http.Exchange;
import org.reimagen.server.http.Router;
import org.reimagen.server.job.Drawing;
import org.reimagen.server.job.Job;
import org.reimagen.server.job.JobQueue;

/** Waits for a job on behalf of one request, and notices when its client leaves. */
final class Delivery {
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final long HEARTBEAT_NANOS = 1_000_000_000;

    private Delivery() {}

    /** Tells a client of a job as server-sent events. */
    interface Teller {
        /** Tells what is new between two views. */
        void tell(EventStream events, Job.View before, Job.View now) throws IOException;

        /** Tells the end of a job that is done. */
        void finish(EventStream events, Drawing drawing) throws IOException;
    }

    /**
     * The finished drawing.
     *
     * @throws ApiException if it failed or was cancelled
     * @throws IOException if the client left
     */
    static Drawing await(Exchange exchange, JobQueue.Joined joined) throws IOException, InterruptedException {
        try (var _ = joined.waiting()) {
            Job.View view = joined.job().view();
            while (!view.isFinished()) {
                view = joined.job().awaitChange(view.version(), LOOK);
                requirePresent(exchange);
            }
            return drawing(view);
        }
    }

    /** Streams a job to its end; what goes wrong is an {@code error} event. */
    static void stream(Exchange exchange, JobQueue.Joined joined, Teller teller)
            throws IOException, InterruptedException {
        try (var _ = joined.waiting();
                EventStream events = exchange.events()) {
            Job.View before = joined.job().view();
            teller.tell(events, before, before);
            long said = System.nanoTime();
            while (!before.isFinished()) {
                Job.View now = joined.job().awaitChange(before.version(), LOOK);
                requirePresent(exchange);
                if (now.version() != before.version()) {
                    teller.tell(events, before, now);
                    said = System.nanoTime();
                } else if (System.nanoTime() - said > HEARTBEAT_NANOS) {
                    events.heartbeat();
                    said = System.nanoTime();
                }
                before = now;
            }
            end(events, before, teller);
        }
    }

    private static void end(EventStream events, Job.View view, Teller teller) throws IOException {
        Drawing drawing;
        try {
            drawing = drawing(view);
        } catch (ApiException e) {
            events.send("error", Router.error(e));
            return;
        }
        teller.finish(events, drawing);
    }

    private static void requirePresent(Exchange exchange) throws IOException {
        if (!exchange.departure().isPresent()) {
            throw new IOException("the client left");
        }
    }

    private static Drawing drawing(Job.View view) {
        if (view.drawing() != null) {
            return view.drawing();
        }
        if (view.state() == Job.State.CANCELLED || view.failure() instanceof CancellationException) {
            throw ApiException.of(409, "cancelled", "the drawing was cancelled");
        }
        throw ApiException.of(500, "internal_error", "the drawing failed; the server's log says why");
    }
}
