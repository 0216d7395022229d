package org.reimagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The queue's bounds, leaving, repeating, ending; metrics and the OpenAPI file. */
class OperationTest {
    private static final String LONG =
            "{\"prompt\": \"flamingo\", \"num_inference_steps\": 100, \"resolution\": 64, \"num_images_per_prompt\": 4}";

    @TempDir
    Path folder = Path.of("");

    private static CompletableFuture<HttpResponse<String>> draw(TestServer server, String body, String... headers) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return server.post("/v1/generate", body, headers);
                    } catch (java.io.IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                Thread::startVirtualThread);
    }

    private static double metric(TestServer server, String series) throws Exception {
        return server.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(0);
    }

    private static void await(java.util.concurrent.Callable<Boolean> condition) throws Exception {
        for (int i = 0; i < 600 && !condition.call(); i++) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        assertThat(condition.call()).isTrue();
    }

    @Test
    void aFullQueueSaysSoAtOnceAndEveryRequestIsAnswered() throws Exception {
        try (TestServer server = TestServer.start(folder, config -> config.withQueue(2))) {
            List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                all.add(draw(server, "{\"prompt\": \"flamingo\", \"num_inference_steps\": 30, \"resolution\": 64}"));
            }
            int drawn = 0;
            for (CompletableFuture<HttpResponse<String>> one : all) {
                HttpResponse<String> response = one.get(60, TimeUnit.SECONDS);
                assertThat(response.statusCode()).isIn(200, 429);
                if (response.statusCode() == 429) {
                    assertThat(response.headers().firstValue("Retry-After"))
                            .hasValueSatisfying(
                                    v -> assertThat(Integer.parseInt(v)).isBetween(1, 300));
                    assertThat(TestServer.json(response).at("/error/code").asText())
                            .isEqualTo("queue_full");
                } else {
                    drawn++;
                }
            }
            assertThat(drawn).isBetween(2, 11);
        }
    }

    @Test
    void aClientThatLeavesStopsItsDrawing() throws Exception {
        try (TestServer server = TestServer.start(folder)) {
            try (Socket socket = new Socket(java.net.InetAddress.getLoopbackAddress(), server.port())) {
                String head = "POST /v1/generate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + LONG.length() + "\r\n\r\n";
                socket.getOutputStream().write((head + LONG).getBytes(StandardCharsets.US_ASCII));
                await(() -> server.log.stream().anyMatch(line -> line.contains("drawing")));
            }
            await(() -> metric(server, "reimagen_drawings_total{end=\"cancelled\"}") == 1);
            assertThat(metric(server, "reimagen_drawings_total{end=\"done\"}")).isZero();
        }
    }

    @Test
    void oneKeyIsOneDrawingHoweverOftenItIsSent() throws Exception {
        try (TestServer server = TestServer.start(folder)) {
            String body = "{\"prompt\": \"old castle\", \"num_inference_steps\": 3, \"resolution\": 64}";
            List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                all.add(draw(server, body, "Idempotency-Key", "one"));
            }
            TreeSet<String> ids = new TreeSet<>();
            for (CompletableFuture<HttpResponse<String>> one : all) {
                ids.add(TestServer.json(one.get(60, TimeUnit.SECONDS)).get("id").asText());
            }
            assertThat(ids).hasSize(1);
            assertThat(metric(server, "reimagen_drawings_total{end=\"done\"}")).isEqualTo(1);
            HttpResponse<String> other = server.post("/v1/generate", LONG, "Idempotency-Key", "one");
            assertThat(other.statusCode()).isEqualTo(422);
        }
    }

    @Test
    void anEndingServerDrawsWhatItTookAndTakesNoMore() throws Exception {
        try (TestServer server = TestServer.start(folder)) {
            CompletableFuture<HttpResponse<String>> taken =
                    draw(server, "{\"prompt\": \"flamingo\", \"num_inference_steps\": 60, \"resolution\": 64}");
            await(() -> server.log.stream().anyMatch(line -> line.contains("drawing")));
            CompletableFuture<Integer> ready =
                    CompletableFuture.supplyAsync(() -> readyWhileEnding(server), Thread::startVirtualThread);
            long start = System.nanoTime();
            server.server().stop();
            assertThat(System.nanoTime() - start).isLessThan(30_000_000_000L);
            assertThat(taken.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            assertThat(ready.get(5, TimeUnit.SECONDS)).isEqualTo(503);
        }
    }

    /** The first status other than 200 that {@code /ready} gives. */
    private static int readyWhileEnding(TestServer server) {
        try {
            for (int i = 0; i < 10_000; i++) {
                int status = server.get("/ready").statusCode();
                if (status != 200) {
                    return status;
                }
            }
            return 200;
        } catch (java.io.IOException | InterruptedException e) {
            return -1;
        }
    }

    @Test
    void metricsNameEveryStage() throws Exception {
        try (TestServer server = TestServer.start(folder)) {
            draw(server, "{\"prompt\": \"flamingo\", \"num_inference_steps\": 1}")
                    .get(60, TimeUnit.SECONDS);
            String text = server.get("/metrics").body();
            assertThat(text)
                    .contains("# TYPE reimagen_stage_seconds histogram", "stage=\"retrieve\"", "stage=\"sample\"")
                    .contains(
                            "stage=\"sr256\"",
                            "stage=\"sr1024\"",
                            "reimagen_queue_length 0",
                            "reimagen_batch_size_count 1")
                    .contains("process_resident_memory_bytes", "jvm_memory_used_bytes");
            assertThat(text.lines()).allMatch(line -> line.matches("#.*|[a-z_]+(\\{.*})? [0-9.E+-]+"));
        }
    }

    @Test
    void everyRouteIsInTheOpenApiFileAndTheOtherWayRound() throws Exception {
        try (TestServer server = TestServer.start(folder)) {
            JsonNode file = TestServer.json(server.get("/openapi.json"));
            assertThat(file.get("openapi").asText()).startsWith("3.1");
            TreeSet<String> documented = new TreeSet<>();
            file.get("paths")
                    .properties()
                    .forEach(path -> path.getValue()
                            .fieldNames()
                            .forEachRemaining(method ->
                                    documented.add(method.toUpperCase(java.util.Locale.ROOT) + " " + path.getKey())));
            TreeSet<String> served = new TreeSet<>();
            server.server().routes().stream()
                    .filter(route -> !route.path().matches("/|/[a-z]+\\.(js|css|svg)"))
                    .forEach(route -> served.add(route.method() + " " + route.path()));
            assertThat(documented).isEqualTo(served);
        }
    }
}
