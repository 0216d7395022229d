package org.reimagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
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
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our own interface: a drawing, its progress, its cancelling, its references, and the gallery after a restart. */
class GenerateTest {
    @TempDir
    static Path folder = Path.of("");

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    record Event(String name, JsonNode data) {}

    static List<Event> events(String body) throws IOException {
        List<Event> events = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new java.io.StringReader(body))) {
            String name = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    events.add(new Event(name, TestServer.JSON.readTree(line.substring(6))));
                }
            }
        }
        return events;
    }

    @Test
    void oneRequestGivesThePicturesAndWhatTheyWereDrawnFrom() throws Exception {
        HttpResponse<String> response = server.post("/v1/generate", """
                {"prompt": "flamingo, noto style", "num_inference_steps": 2, "seed": 7, "num_images_per_prompt": 2,
                 "resolution": 256}
                """);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode json = TestServer.json(response);
        assertThat(json.get("pictures")).hasSize(2);
        assertThat(json.at("/pictures/1/seed").asLong()).isEqualTo(8);
        assertThat(json.at("/neighbors/0/title").asText()).isEqualTo("flamingo");
        assertThat(json.at("/neighbors/0/style").asText()).isNotEqualTo("noto");
        assertThat(json.at("/neighbors/0/licence").asText()).isEqualTo("CC0-1.0");
        byte[] png = Base64.getDecoder().decode(json.at("/pictures/0/b64_png").asText());
        assertThat(ImageIO.read(new ByteArrayInputStream(png)).getWidth()).isEqualTo(256);
    }

    @Test
    void aStreamTellsThePlaceTheStepsAndEveryStage() throws Exception {
        HttpResponse<String> response = server.post("/v1/generate", """
                {"prompt": "red apple", "num_inference_steps": 3, "stream": true, "previews": true}
                """);
        assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
        List<Event> events = events(response.body());
        assertThat(events.getFirst().name()).isEqualTo("queued");
        assertThat(events.getFirst().data().get("id").asText()).hasSize(32);
        assertThat(events.getLast().name()).isEqualTo("result");
        assertThat(events.stream()
                        .filter(e -> e.name().equals("preview")
                                && e.data().get("complete").asBoolean())
                        .map(e -> e.data().get("resolution").asInt()))
                .containsExactly(64, 256, 1024);
        assertThat(events.stream()
                        .filter(e -> e.name().equals("step"))
                        .map(e -> e.data().get("resolution").asInt()))
                .contains(1024);
    }

    @Test
    void theSameRequestGivesTheSamePicture() throws Exception {
        String body = """
                {"prompt": "old castle", "num_inference_steps": 2, "seed": 3, "resolution": 64}
                """;
        String first = TestServer.json(server.post("/v1/generate", body))
                .at("/pictures/0/b64_png")
                .asText();
        assertThat(TestServer.json(server.post("/v1/generate", body))
                        .at("/pictures/0/b64_png")
                        .asText())
                .isEqualTo(first);
    }

    @Test
    void aWeightOfZeroRemovesAReferenceAndAPinPutsOneFirst() throws Exception {
        String weighted = """
                {"prompt": "red apple", "num_inference_steps": 1, "resolution": 64, "knn": 2,
                 "pinned": ["noto/flamingo"], "neighbor_weights": {"noto/flamingo": 0}}
                """;
        JsonNode references = TestServer.json(server.post("/v1/references", weighted));
        assertThat(references.at("/neighbors/0/id").asText()).isEqualTo("noto/flamingo");
        assertThat(references.get("neighbors")).hasSize(2);
        JsonNode drawn = TestServer.json(server.post("/v1/generate", weighted));
        assertThat(drawn.get("neighbors")).hasSize(1);
        assertThat(drawn.at("/neighbors/0/id").asText()).contains("apple");
    }

    @Test
    void cancellingStopsWithinAStep() throws Exception {
        HttpRequest request = server.request("/v1/generate")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("""
                        {"prompt": "flamingo", "num_inference_steps": 100, "stream": true}
                        """))
                .build();
        HttpResponse<InputStream> response = server.http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo("event: queued");
            String data = lines.readLine();
            String id = TestServer.JSON.readTree(data.substring(6)).get("id").asText();
            assertThat(server.delete("/v1/generate/" + id).statusCode()).isEqualTo(204);
            List<String> rest = lines.lines().toList();
            assertThat(rest).contains("event: error").doesNotContain("event: result");
            assertThat(String.join("\n", rest)).contains("\"code\":\"cancelled\"");
            assertThat(server.delete("/v1/generate/" + id).statusCode()).isEqualTo(404);
        }
    }

    @Test
    void whatIsKeptIsFoundAfterARestart() throws Exception {
        Path own = folder.resolve("restart");
        String id;
        try (TestServer first = TestServer.start(own)) {
            JsonNode drawn = TestServer.json(first.post("/v1/generate", """
                    {"prompt": "green apple, twemoji style", "num_inference_steps": 1, "resolution": 64, "seed": 5,
                     "guidance_ratio": 0.3, "guidance_rescale": 0.2, "strength": 0.9, "background_tolerance": 0.2, "smoothing": 0.01,
                     "keep": true}
                    """));
            id = drawn.at("/pictures/0/gallery_id").asText();
        }
        try (TestServer second = TestServer.start(own)) {
            JsonNode found = TestServer.json(second.get("/v1/gallery?q=APPLE+cc0"));
            assertThat(found.get("total").asInt()).isEqualTo(1);
            assertThat(found.at("/entries/0/id").asText()).isEqualTo(id);
            assertThat(found.at("/entries/0/settings/guidance_ratio").asDouble())
                    .isEqualTo(0.3);
            assertThat(found.at("/entries/0/settings/guidance_rescale").asDouble())
                    .isEqualTo(0.2);
            assertThat(found.at("/entries/0/settings/strength").asDouble()).isEqualTo(0.9);
            assertThat(found.at("/entries/0/settings/background_tolerance").asDouble())
                    .isEqualTo(0.2);
            assertThat(found.at("/entries/0/settings/smoothing").asDouble()).isEqualTo(0.01);
            assertThat(found.at("/entries/0/settings/seed").asLong()).isEqualTo(5);
            assertThat(found.at("/entries/0/references/0/author").asText()).isEqualTo("drawn for this test");
            assertThat(second.get("/v1/gallery/" + id + "/picture?download=1")
                            .headers()
                            .firstValue("Content-Disposition"))
                    .hasValueSatisfying(v -> assertThat(v).contains(id));
            assertThat(TestServer.json(second.get("/v1/gallery?q=castle"))
                            .get("total")
                            .asInt())
                    .isZero();
            assertThat(second.delete("/v1/gallery/" + id).statusCode()).isEqualTo(204);
            assertThat(second.get("/v1/gallery/" + id + "/picture").statusCode())
                    .isEqualTo(404);
            assertThat(TestServer.json(second.get("/v1/gallery")).get("total").asInt())
                    .isZero();
        }
    }
}
