package org.reimagen.server.api;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartFormData;
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

/**
 * OpenAI's images interface. {@code usage} counts the prompt's words, the pictures read and the pictures drawn.
 *
 * <p><b>Source</b>: OpenAI API reference, images.
 */
final class ImagesApi {
    private static final int MAX_PARTS = 40;

    private final Orders orders;
    private final Idempotency idempotency;
    private final String model;
    private final Shelf shelf = new Shelf();

    ImagesApi(Orders orders, Idempotency idempotency, String model) {
        this.orders = orders;
        this.idempotency = idempotency;
        this.model = model;
    }

    List<Route> routes() {
        return List.of(
                new Route("POST", "/v1/images/generations", Access.USER, Limits.SMALL, this::generations),
                new Route("POST", "/v1/images/edits", Access.USER, Limits.PICTURES, this::edits),
                new Route("GET", "/v1/images/files/{name}", Access.USER, Limits.NO_BODY, this::file),
                new Route("GET", "/v1/models", Access.USER, Limits.NO_BODY, this::models));
    }

    private void models(Exchange exchange) throws IOException {
        Map<String, Object> only = new LinkedHashMap<>();
        only.put("id", model);
        only.put("object", "model");
        only.put("created", 0);
        only.put("owned_by", "local");
        exchange.json(200, Map.of("object", "list", "data", List.of(only)));
    }

    private void generations(Exchange exchange) throws IOException, InterruptedException {
        byte[] bytes = exchange.jsonBytes();
        ImagesOrder order = ImagesOrder.of(Json.read(bytes, ImagesBody.class), List.of());
        answer(exchange, order, Idempotency.fingerprint(bytes), "image_generation");
    }

    private void edits(Exchange exchange) throws IOException, InterruptedException {
        Map<String, Object> fields = new LinkedHashMap<>();
        List<byte[]> pictures = new ArrayList<>();
        try (MultiPartFormData.Parts parts = exchange.parts(MAX_PARTS)) {
            for (MultiPart.Part part : parts) {
                String name = String.valueOf(part.getName());
                if (name.equals("image") || name.equals("image[]")) {
                    pictures.add(Exchange.bytes(part));
                } else if (name.equals("mask")) {
                    throw ApiException.invalid("mask", "masks are not read: pictures sent along are references");
                } else {
                    fields.put(name, part.getContentAsString(StandardCharsets.UTF_8));
                }
            }
        }
        if (pictures.isEmpty()) {
            throw ApiException.invalid("image", "image is missing");
        }
        ImagesBody body = EditForm.body(fields);
        String caption = Orders.or(body.prompt(), "a picture");
        List<DrawBody.Own> own = pictures.stream()
                .map(p -> new DrawBody.Own(Replies.base64(p), caption, 1.0))
                .toList();
        ImagesOrder order = ImagesOrder.of(body, own);
        answer(exchange, order, Idempotency.fingerprint(Json.write(order.draw())), "image_edit");
    }

    private void answer(Exchange exchange, ImagesOrder order, String fingerprint, String event)
            throws IOException, InterruptedException {
        JobQueue.Joined joined = idempotency.submit(
                exchange.header("Idempotency-Key"),
                fingerprint,
                orders.order(order.draw()),
                exchange.departure()::isPresent);
        if (order.stream()) {
            Delivery.stream(exchange, joined, new Telling(order, event));
            return;
        }
        Drawing drawing = Delivery.await(exchange, joined);
        List<Map<String, Object>> data = new ArrayList<>();
        for (Drawing.Picture picture : drawing.pictures()) {
            byte[] file = Encoding.as(
                    order.format(), order.compression(), picture.file().bytes());
            data.add(
                    order.url()
                            ? Map.of("url", exchange.origin() + "/v1/images/files/" + shelf.put(type(order), file))
                            : Map.of("b64_json", Replies.base64(file)));
        }
        Map<String, Object> reply = common(order);
        reply.put("created", Instant.now().getEpochSecond());
        reply.put("data", data);
        reply.put("usage", usage(order, drawing));
        exchange.json(200, reply);
    }

    private static String type(ImagesOrder order) {
        return "image/" + order.format();
    }

    private static Map<String, Object> common(ImagesOrder order) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("size", order.size());
        json.put("quality", openAiQuality(order));
        json.put("background", "opaque");
        json.put("output_format", order.format());
        return json;
    }

    private static String openAiQuality(ImagesOrder order) {
        return switch (order.quality()) {
            case "low", "high" -> order.quality();
            case "hd" -> "high";
            default -> "medium";
        };
    }

    private static Map<String, Object> usage(ImagesOrder order, Drawing drawing) {
        String prompt = Orders.or(order.draw().prompt(), "");
        int words = prompt.strip().split("\\s+", -1).length;
        List<DrawBody.Own> own = Orders.or(order.draw().ownReferences(), List.of());
        int read = drawing.neighbors().size() + own.size();
        int drawn = drawing.pictures().size();
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("input_tokens", words + read);
        usage.put("output_tokens", drawn);
        usage.put("total_tokens", words + read + drawn);
        usage.put("input_tokens_details", Map.of("text_tokens", words, "image_tokens", read));
        return usage;
    }

    private void file(Exchange exchange) throws IOException {
        Optional<Shelf.Item> item = shelf.get(exchange.path("name"));
        Shelf.Item found = item.orElseThrow(() -> ApiException.missing("picture; addresses last a while only"));
        exchange.send(200, found.type(), found.bytes());
    }

    /** OpenAI's events: partial images, spread over the steps, and a completed one a picture. */
    private static final class Telling implements Delivery.Teller {
        private final ImagesOrder order;
        private final String event;
        private int sent;
        private int shown;

        Telling(ImagesOrder order, String event) {
            this.order = order;
            this.event = event;
        }

        @Override
        public void tell(EventStream events, Job.View before, Job.View now) throws IOException {
            for (Job.Preview preview : now.previews()) {
                boolean fresh = preview.number() > shown && preview.index() == 0;
                if (fresh && sent < order.partialImages() && isDue(now)) {
                    Map<String, Object> data =
                            data(".partial_image", preview.file().bytes());
                    data.put("partial_image_index", sent++);
                    events.send(event + ".partial_image", data);
                }
                shown = Math.max(shown, preview.number());
            }
        }

        /** The partial images are spread evenly over the steps of the first stage. */
        private boolean isDue(Job.View view) {
            Job.Step step = view.step();
            return step != null && step.step() * (order.partialImages() + 1) >= step.steps() * (sent + 1);
        }

        private Map<String, Object> data(String kind, byte[] png) {
            Map<String, Object> data = common(order);
            data.put("type", event + kind);
            data.put("created_at", Instant.now().getEpochSecond());
            data.put("b64_json", Replies.base64(Encoding.as(order.format(), order.compression(), png)));
            return data;
        }

        @Override
        public void finish(EventStream events, Drawing drawing) throws IOException {
            for (Drawing.Picture picture : drawing.pictures()) {
                Map<String, Object> data = data(".completed", picture.file().bytes());
                data.put("usage", usage(order, drawing));
                events.send(event + ".completed", data);
            }
        }
    }
}
