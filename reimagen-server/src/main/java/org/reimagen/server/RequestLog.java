package org.reimagen.server;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.reimagen.server.http.Json;
import org.reimagen.server.job.Order;

/** The log: one JSON object a line. Prompts are in it only where the user asked for that, addresses of clients never. */
public final class RequestLog {
    private final Consumer<String> lines;
    private final boolean prompts;

    /** A log into {@code lines}. */
    public RequestLog(Consumer<String> lines, boolean prompts) {
        this.lines = lines;
        this.prompts = prompts;
    }

    /** A log that keeps nothing. */
    public static RequestLog none() {
        return new RequestLog(_ -> {}, false);
    }

    /** A request was answered. */
    void answered(String method, String route, int status, double seconds) {
        Map<String, Object> json = line("request");
        json.put("method", method);
        json.put("route", route);
        json.put("status", status);
        json.put("ms", Math.round(seconds * 1000));
        lines.accept(Json.line(json));
    }

    /** A drawing was queued. */
    void began(String id, Order order) {
        Map<String, Object> json = line("drawing");
        json.put("id", id);
        json.put("pictures", order.request().numImagesPerPrompt());
        json.put("steps", order.request().numInferenceSteps());
        if (prompts) {
            json.put("prompt", order.request().prompt());
        }
        lines.accept(Json.line(json));
    }

    private static Map<String, Object> line(String event) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
        json.put("event", event);
        return json;
    }
}
