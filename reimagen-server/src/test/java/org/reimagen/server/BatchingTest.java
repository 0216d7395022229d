package org.reimagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests of several clients that wait together are drawn together, and nobody notices. */
class BatchingTest {
    @TempDir
    Path folder = Path.of("");

    private TestServer server;

    @BeforeEach
    void start() {
        server = TestServer.start(folder, config -> config.withBatch(4));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** A client that reads its events: the first line of data carries the drawing's id. */
    private final class Client implements AutoCloseable {
        private final BufferedReader lines;
        private final String id;

        Client(String body) throws IOException, InterruptedException {
            HttpRequest request = server.request("/v1/generate")
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            InputStream stream = server.http
                    .send(request, HttpResponse.BodyHandlers.ofInputStream())
                    .body();
            lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
            assertThat(lines.readLine()).isEqualTo("event: queued");
            id = TestServer.JSON
                    .readTree(lines.readLine().substring(6))
                    .get("id")
                    .asText();
        }

        void awaitStep() throws IOException {
            String line = lines.readLine();
            while (!"event: step".equals(line)) {
                assertThat(line).as("a line before the first step").isNotNull();
                line = lines.readLine();
            }
        }

        List<GenerateTest.Event> rest() throws IOException {
            return GenerateTest.events(String.join("\n", lines.lines().toList()));
        }

        void cancel() throws IOException, InterruptedException {
            assertThat(server.delete("/v1/generate/" + id).statusCode()).isEqualTo(204);
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }

    /** Keeps the worker busy until it is cancelled, so that others wait together. */
    private Client busy() throws IOException, InterruptedException {
        Client client = new Client(
                "{\"prompt\": \"flamingo\", \"num_inference_steps\": 100, \"num_images_per_prompt\": 4, \"resolution\": 64,"
                        + " \"stream\": true}");
        client.awaitStep();
        return client;
    }

    private static String body(String prompt, int seed, String more) {
        return "{\"prompt\": \"%s\", \"seed\": %d, \"num_inference_steps\": 6, \"resolution\": 256, \"stream\": true%s}"
                .formatted(prompt, seed, more);
    }

    private double metric(String series) throws IOException, InterruptedException {
        return server.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(0);
    }

    private static int[] pixels(JsonNode result) throws IOException {
        byte[] png = Base64.getDecoder().decode(result.at("/pictures/0/b64_png").asText());
        var image = ImageIO.read(new java.io.ByteArrayInputStream(png));
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    private static int largestDifference(int[] a, int[] b) {
        int largest = 0;
        for (int i = 0; i < a.length; i++) {
            for (int shift = 0; shift < 24; shift += 8) {
                largest = Math.max(largest, Math.abs((a[i] >> shift & 255) - (b[i] >> shift & 255)));
            }
        }
        return largest;
    }

    @Test
    void clientsThatWaitTogetherAreDrawnTogetherAndGetWhatTheyGetAlone() throws Exception {
        List<String> bodies = List.of(
                body("red apple", 1, ", \"keep\": true"),
                body("old castle, noto style", 2, ", \"knn\": 2, \"guidance_ratio\": 0.7"),
                body("green apple", 3, ", \"negative_prompt\": \"red\", \"previews\": true"));
        List<JsonNode> together = new ArrayList<>();
        List<Client> clients = new ArrayList<>();
        try (Client busy = busy()) {
            for (String body : bodies) {
                clients.add(new Client(body));
            }
            busy.cancel();
            for (Client client : clients) {
                List<GenerateTest.Event> events = client.rest();
                assertThat(events.getLast().name()).isEqualTo("result");
                assertThat(events.stream()
                                .filter(e -> e.name().equals("step")
                                        && e.data().get("resolution").asInt() == 64)
                                .map(e -> e.data().get("step").asInt()))
                        .isNotEmpty()
                        .isSorted();
                assertThat(events.stream().anyMatch(e -> e.name().equals("preview")))
                        .isEqualTo(together.size() == 2);
                together.add(events.getLast().data());
                client.close();
            }
        }
        assertThat(metric("reimagen_batch_size_sum")).isEqualTo(4 + 3);
        assertThat(metric("reimagen_batch_size_count")).isEqualTo(2);
        assertThat(together.getFirst().at("/pictures/0/gallery_id").asText()).isNotEmpty();
        assertThat(together.get(1).at("/neighbors")).hasSize(2);
        for (int i = 0; i < bodies.size(); i++) {
            try (Client alone = new Client(bodies.get(i))) {
                JsonNode result = alone.rest().getLast().data();
                assertThat(largestDifference(pixels(result), pixels(together.get(i))))
                        .isLessThanOrEqualTo(1);
                assertThat(together.get(i).get("neighbors")).isEqualTo(result.get("neighbors"));
            }
        }
    }

    @Test
    void aBatchHoldsNoMorePicturesThanItMayAndNoneOfOtherSteps() throws Exception {
        List<CompletableFuture<String>> ends = new ArrayList<>();
        try (Client busy = busy()) {
            for (int i = 0; i < 5; i++) {
                String body = body("red apple", i, "")
                        .replace("\"num_inference_steps\": 6", "\"num_inference_steps\": " + (i == 1 ? 5 : 6));
                Client client = new Client(body);
                ends.add(CompletableFuture.supplyAsync(
                        () -> {
                            try (client) {
                                return client.rest().getLast().name();
                            } catch (IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        },
                        Thread::startVirtualThread));
            }
            busy.cancel();
            for (CompletableFuture<String> end : ends) {
                assertThat(end.get(60, TimeUnit.SECONDS)).isEqualTo("result");
            }
        }
        assertThat(metric("reimagen_batch_size_bucket{le=\"1.0\"}")).isEqualTo(1);
        assertThat(metric("reimagen_batch_size_bucket{le=\"4.0\"}")).isEqualTo(3);
        assertThat(metric("reimagen_batch_size_sum")).isEqualTo(4 + 4 + 1);
    }

    @Test
    void oneThatIsCancelledAndOneThatFailsLeaveTheOthersTheirPictures() throws Exception {
        try (Client busy = busy();
                Client cancelled = new Client(body("red apple", 1, ", \"pinned\": [\"noto/flamingo\"]")
                        .replace("\"num_inference_steps\": 6", "\"num_inference_steps\": 100"));
                Client failing = new Client(body(TestServer.UNREADABLE, 2, ", \"knn\": 0")
                        .replace("\"num_inference_steps\": 6", "\"num_inference_steps\": 100"));
                Client drawn = new Client(body("old castle", 3, "")
                        .replace("\"num_inference_steps\": 6", "\"num_inference_steps\": 100"))) {
            busy.cancel();
            cancelled.awaitStep();
            cancelled.cancel();
            assertThat(String.valueOf(cancelled.rest().getLast().data())).contains("\"cancelled\"");
            assertThat(String.valueOf(failing.rest().getLast().data()))
                    .contains("internal_error")
                    .doesNotContain("unreadable");
            assertThat(drawn.rest().getLast().name()).isEqualTo("result");
        }
        assertThat(metric("reimagen_drawings_total{end=\"cancelled\"}")).isEqualTo(2);
        assertThat(metric("reimagen_drawings_total{end=\"failed\"}")).isEqualTo(1);
        assertThat(metric("reimagen_drawings_total{end=\"done\"}")).isEqualTo(1);
    }
}
