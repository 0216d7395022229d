package org.reimagen.server.api;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.server.http.ApiException;
import org.reimagen.server.http.EventStream;
import org.reimagen.server.http.Exchange;
import org.reimagen.server.http.Json;
import org.reimagen.server.http.Limits;
import org.reimagen.server.http.Route;
import org.reimagen.server.http.Route.Access;
import org.reimagen.server.job.Drawing;
import org.reimagen.server.job.Job;
import org.reimagen.server.job.JobQueue;
import org.reimagen.server.job.Studio;

/** Our own interface: everything that can be asked, progress, previews, cancel, and the references before anything is drawn. */
final class GenerateApi {
    private final Studio studio;
    private final JobQueue queue;
    private final Orders orders;
    private final Idempotency idempotency;

    GenerateApi(Studio studio, JobQueue queue, Orders orders, Idempotency idempotency) {
        this.studio = studio;
        this.queue = queue;
        this.orders = orders;
        this.idempotency = idempotency;
    }

    List<Route> routes() {
        return List.of(
                new Route("POST", "/v1/generate", Access.USER, Limits.PICTURES, this::generate),
                new Route("DELETE", "/v1/generate/{id}", Access.USER, Limits.NO_BODY, this::cancel),
                new Route("POST", "/v1/references", Access.USER, Limits.SMALL, this::references));
    }

    private void generate(Exchange exchange) throws IOException, InterruptedException {
        byte[] bytes = exchange.jsonBytes();
        DrawBody body = Json.read(bytes, DrawBody.class);
        JobQueue.Joined joined = idempotency.submit(
                exchange.header("Idempotency-Key"),
                Idempotency.fingerprint(bytes),
                orders.order(body),
                exchange.departure()::isPresent);
        String id = joined.job().id();
        if (Orders.or(body.stream(), false)) {
            Delivery.stream(exchange, joined, new Telling(id));
        } else {
            exchange.json(200, Replies.drawing(id, Delivery.await(exchange, joined)));
        }
    }

    private void cancel(Exchange exchange) throws IOException {
        if (!queue.cancel(exchange.path("id"))) {
            throw ApiException.missing("unfinished drawing");
        }
        exchange.empty(204);
    }

    /** The references that a drawing would use; nothing is drawn. */
    private void references(Exchange exchange) throws IOException {
        DrawBody body = exchange.body(DrawBody.class);
        GenerationRequest request = orders.order(body).request();
        exchange.json(200, Map.of("neighbors", Replies.neighbors(studio.retrieve(request))));
    }

    /** Our own events: queued, step, preview, result. */
    private static final class Telling implements Delivery.Teller {
        private final String id;
        private int shown;
        private boolean begun;

        Telling(String id) {
            this.id = id;
        }

        @Override
        public void tell(EventStream events, Job.View before, Job.View now) throws IOException {
            if (!begun || now.position() != before.position()) {
                Map<String, Object> queued = new LinkedHashMap<>();
                queued.put("id", id);
                queued.put("position", now.position());
                events.send("queued", queued);
                begun = true;
            }
            if (now.step() != null && !now.step().equals(before.step())) {
                events.send("step", Replies.step(now.step()));
            }
            for (Job.Preview preview : now.previews()) {
                if (preview.number() > shown) {
                    events.send("preview", Replies.preview(preview));
                }
            }
            shown = now.previews().stream().mapToInt(Job.Preview::number).max().orElse(0);
        }

        @Override
        public void finish(EventStream events, Drawing drawing) throws IOException {
            events.send("result", Replies.drawing(id, drawing));
        }
    }
}
