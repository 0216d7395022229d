package org.reimagen.server.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.reimagen.server.gallery.Gallery;
import org.reimagen.server.http.ApiException;
import org.reimagen.server.http.Exchange;
import org.reimagen.server.http.Guard;
import org.reimagen.server.http.Limits;
import org.reimagen.server.http.Route;
import org.reimagen.server.http.Route.Access;
import org.reimagen.server.job.JobQueue;

/** Health, readiness, metrics, the OpenAPI file, what a page needs to know of this server, and the page's session. */
final class OperationApi {
    private final JobQueue queue;
    private final Gallery gallery;
    private final Metrics metrics;
    private final Guard guard;
    private final Map<String, Object> about;
    private final byte[] openApi = resource("openapi.json");

    OperationApi(JobQueue queue, Gallery gallery, Metrics metrics, Guard guard, Map<String, Object> about) {
        this.queue = queue;
        this.gallery = gallery;
        this.metrics = metrics;
        this.guard = guard;
        this.about = about;
    }

    List<Route> routes() {
        return List.of(
                new Route("GET", "/health", Access.OPEN, Limits.NO_BODY, e -> e.json(200, Map.of("status", "ok"))),
                new Route("GET", "/ready", Access.OPEN, Limits.NO_BODY, this::ready),
                new Route("GET", "/metrics", Access.USER, Limits.NO_BODY, this::metrics),
                new Route(
                        "GET",
                        "/openapi.json",
                        Access.OPEN,
                        Limits.NO_BODY,
                        e -> e.send(200, "application/json", openApi)),
                new Route("GET", "/v1/about", Access.USER, Limits.NO_BODY, e -> e.json(200, about)),
                new Route("POST", "/v1/session", Access.OPEN, Limits.SMALL, this::session));
    }

    private void ready(Exchange exchange) throws IOException {
        if (!queue.isOpen()) {
            throw ApiException.later(503, "shutting_down", "the server is ending", 30);
        }
        exchange.json(200, Map.of("status", "ready"));
    }

    private void metrics(Exchange exchange) throws IOException {
        var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        Map<String, Double> gauges = new LinkedHashMap<>();
        gauges.put("reimagen_queue_length", (double) queue.length());
        gauges.put("reimagen_gallery_pictures", (double) gallery.size());
        gauges.put("jvm_memory_used_bytes", (double) heap.getUsed());
        gauges.put("jvm_memory_max_bytes", (double) heap.getMax());
        gauges.put("process_resident_memory_bytes", residentBytes());
        gauges.put("jvm_threads_current", (double)
                ManagementFactory.getThreadMXBean().getThreadCount());
        exchange.send(
                200,
                "text/plain; version=0.0.4; charset=utf-8",
                metrics.text(gauges).getBytes(StandardCharsets.UTF_8));
    }

    /** From Linux' {@code /proc}; 0 elsewhere. */
    private static double residentBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                        .findFirst()
                        .orElse(0)
                * 1024.0;
    }

    /** The token that a person typed into the page. */
    private record Session(String token) {}

    private void session(Exchange exchange) throws IOException {
        Session given = exchange.body(Session.class);
        if (given.token() == null || !guard.accepts(given.token())) {
            throw ApiException.of(401, "invalid_api_key", "this is not the token");
        }
        exchange.set("Set-Cookie", Guard.COOKIE + "=" + guard.session() + "; HttpOnly; SameSite=Strict; Path=/");
        exchange.empty(204);
    }

    static byte[] resource(String name) {
        try (InputStream in = Objects.requireNonNull(
                org.reimagen.server.Server.class.getResourceAsStream(name), () -> "no resource " + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
