package org.reimagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.pipeline.PngWriter;

/** Every reply and every kind of event that the OpenAPI file promises is seen, and has the schema that it promises. */
class ContractTest {
    private static final String GENERATE = "POST /v1/generate";
    private static final String IMAGES = "POST /v1/images/generations";
    private static final String EDITS = "POST /v1/images/edits";
    private static final String SHORT =
            "{\"prompt\": \"flamingo\", \"num_inference_steps\": 1, \"resolution\": 64, \"keep\": true}";
    private static final String SHORT_IMAGES =
            "{\"prompt\": \"flamingo\", \"num_inference_steps\": 1, \"size\": \"64x64\"}";
    private static final String LONG =
            "{\"prompt\": \"flamingo\", \"num_inference_steps\": 100, \"resolution\": 64, \"num_images_per_prompt\": 4}";
    private static final String LONG_IMAGES =
            "{\"prompt\": \"flamingo\", \"num_inference_steps\": 100, \"size\": \"64x64\", \"n\": 4}";
    private static final String SUN = Base64.getEncoder().encodeToString(picture());

    @TempDir
    Path folder = Path.of("");

    private Contract contract;
    private TestServer server;

    private static byte[] picture() {
        BufferedImage image = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
        image.setRGB(20, 20, 0xFFCC00);
        return PngWriter.encode(image, Map.of());
    }

    @BeforeEach
    void open() throws Exception {
        server = TestServer.start(folder, config -> config.withQueue(1));
        contract = new Contract(TestServer.json(server.get("/openapi.json")));
    }

    @Test
    void everyPromisedReplyIsSeenAndHasItsSchema() throws Exception {
        try (TestServer _ = server) {
            see("GET", "/openapi.json", "");
            operation();
            drawings();
            queue();
            edits();
            knowledge();
            gallery();
            see("POST", "/v1/knowledge/pairs", multipart(picture()), "Authorization", "Bearer none"); // no token is set
            see("DELETE", "/v1/knowledge/pairs", "?sha256=00", "Authorization", "Bearer none");
        }
        try (TestServer guarded = TestServer.start(folder, config -> config.withToken(TestServer.TOKEN))) {
            server = guarded;
            administration();
            notReady();
        }
        assertThat(contract.unseen()).as("promised and not seen").isEmpty();
    }

    private HttpResponse<String> see(String method, String path, String query, String... headers) throws Exception {
        return see(method, path, path + query, BodyPublishers.noBody(), headers);
    }

    private HttpResponse<String> see(String method, String path, byte[] form, String... headers) throws Exception {
        return see(
                method, path, path, BodyPublishers.ofByteArray(form), with(headers, "multipart/form-data; boundary=b"));
    }

    private HttpResponse<String> see(
            String method, String path, String target, HttpRequest.BodyPublisher body, String... headers)
            throws Exception {
        HttpRequest.Builder request = server.request(target).method(method, body);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return contract.check(method + " " + path, server.send(request));
    }

    /** Posts JSON; the operation is {@code POST path}. */
    private HttpResponse<String> post(String operation, String json, String... headers) throws Exception {
        String path = operation.substring("POST ".length());
        return see("POST", path, path, BodyPublishers.ofString(json), with(headers, "application/json"));
    }

    private static String[] with(String[] headers, String type) {
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "Content-Type";
        all[headers.length + 1] = type;
        return all;
    }

    private void operation() throws Exception {
        for (String path : List.of("/health", "/ready", "/metrics", "/v1/about", "/v1/models", "/indices-list")) {
            assertThat(see("GET", path, "").statusCode()).isEqualTo(200);
        }
    }

    private void drawings() throws Exception {
        post(GENERATE, SHORT);
        streams();
        for (String format : List.of("png", "jpeg", "webp")) {
            String more = ", \"response_format\": \"url\", \"output_format\": \"" + format + "\"}";
            JsonNode reply = TestServer.json(post(IMAGES, SHORT_IMAGES.replace("}", more)));
            String file = reply.at("/data/0/url").asText();
            String path = file.substring(file.indexOf("/v1/"));
            see("GET", "/v1/images/files/{name}", path, BodyPublishers.noBody());
        }
        see("GET", "/v1/images/files/{name}", "/v1/images/files/none", BodyPublishers.noBody());
        for (String operation : List.of(GENERATE, IMAGES)) {
            post(operation, "{\"prompt\": 1}");
            String path = operation.substring("POST ".length());
            see("POST", path, path, BodyPublishers.ofString("a fox"), "Content-Type", "text/plain");
            String key = operation.substring(operation.length() - 4);
            String once = operation.equals(GENERATE) ? SHORT : SHORT_IMAGES;
            assertThat(post(operation, once, "Idempotency-Key", key).statusCode())
                    .isEqualTo(200);
            String other = once.replace("flamingo", "castle");
            assertThat(post(operation, other, "Idempotency-Key", key).statusCode())
                    .isEqualTo(422);
            large(path, "application/json");
        }
        post("POST /v1/references", SHORT);
        post("POST /v1/references", "{}");
        see("DELETE", "/v1/generate/{id}", "/v1/generate/none", BodyPublishers.noBody());
    }

    /** Streams that show every kind of event; one that fails is {@code 200} all the same, and ends in {@code error}. */
    private void streams() throws Exception {
        String drawn =
                SHORT.replace("\"keep\"", "\"previews\": true, \"stream\"").replace("steps\": 1", "steps\": 4");
        String images = SHORT_IMAGES.replace("}", ", \"stream\": true, \"partial_images\": 1}");
        assertThat(post(GENERATE, drawn).body()).contains("event: result");
        assertThat(post(IMAGES, images).body()).contains("event: image_generation.completed");
        assertThat(post(GENERATE, unreadable(drawn)).body()).contains("event: error");
        assertThat(post(IMAGES, unreadable(images)).body()).contains("event: error");
    }

    private static String unreadable(String json) {
        return json.replace("\"flamingo\"", "\"" + TestServer.UNREADABLE + "\", \"knn\": 0");
    }

    /** A body over the limit of every route. */
    private void large(String path, String type) throws Exception {
        byte[] body = new byte[25 << 20];
        HttpResponse<String> reply;
        try {
            reply = server.send(server.request(path)
                    .header("Content-Type", type)
                    .expectContinue(true)
                    .POST(BodyPublishers.ofByteArray(body)));
        } catch (java.io.IOException e) {
            throw new AssertionError(path + ": no answer to a large body", e);
        }
        assertThat(contract.check("POST " + path, reply).statusCode()).isEqualTo(413);
    }

    /** One drawing at work, one that waits and is cancelled, and no room for more. */
    private void queue() throws Exception {
        for (String operation : List.of(GENERATE, IMAGES)) {
            server.log.clear();
            CompletableFuture<HttpResponse<String>> drawn = later(operation);
            String working = id(0);
            while (server.get("/metrics").body().contains("reimagen_queue_length 1")) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            CompletableFuture<HttpResponse<String>> waiting = later(operation);
            String waits = id(1);
            assertThat(post(operation, operation.equals(GENERATE) ? SHORT : SHORT_IMAGES)
                            .statusCode())
                    .isEqualTo(429);
            for (String id : List.of(waits, working)) {
                see("DELETE", "/v1/generate/{id}", "/v1/generate/" + id, BodyPublishers.noBody());
            }
            assertThat(drawn.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(409);
            assertThat(waiting.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(409);
        }
    }

    private CompletableFuture<HttpResponse<String>> later(String operation) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return post(operation, operation.equals(GENERATE) ? LONG : LONG_IMAGES);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                Thread::startVirtualThread);
    }

    /** The id of the drawing that was queued as the {@code n}th since the log was cleared. */
    private String id(int n) throws Exception {
        for (int i = 0; i < 1000; i++) {
            List<String> began = server.log.stream()
                    .filter(line -> line.contains("\"drawing\""))
                    .toList();
            if (began.size() > n) {
                return TestServer.JSON.readTree(began.get(n)).get("id").asText();
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
        throw new AssertionError("no drawing was queued");
    }

    private static byte[] multipart(byte[] picture, String... fields) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < fields.length; i += 2) {
            text.append("--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                    .formatted(fields[i], fields[i + 1]));
        }
        String name = fields.length > 0 && fields[0].equals("prompt") ? "image" : "picture";
        text.append("--b\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"a.png\"\r\n\r\n".formatted(name));
        byte[] head = text.toString().getBytes(StandardCharsets.UTF_8);
        byte[] tail = "\r\n--b--\r\n".getBytes(StandardCharsets.UTF_8);
        return java.nio.ByteBuffer.allocate(head.length + picture.length + tail.length)
                .put(head)
                .put(picture)
                .put(tail)
                .array();
    }

    private void edits() throws Exception {
        String path = EDITS.substring("POST ".length());
        String[] fields = {
            "prompt", "a sun", "num_inference_steps", "2", "size", "64x64", "stream", "false", "partial_images", "1"
        };
        assertThat(see("POST", path, multipart(picture(), fields)).statusCode()).isEqualTo(200);
        fields[7] = "true";
        assertThat(see("POST", path, multipart(picture(), fields)).body()).contains("event: image_edit.completed");
        fields[1] = TestServer.UNREADABLE;
        assertThat(see("POST", path, multipart(picture(), fields)).body()).contains("event: error");
        assertThat(see("POST", path, multipart(new byte[] {1, 2, 3}, fields)).statusCode())
                .isEqualTo(400);
        large(path, "multipart/form-data; boundary=b");
    }

    private void knowledge() throws Exception {
        String search = "/v1/knowledge/search";
        see("GET", search, "?q=castle&k=2");
        see("GET", search, "?q=castle&k=0");
        post("POST " + search, "{\"picture\": \"" + SUN + "\", \"k\": 2}");
        post("POST " + search, "{\"picture\": \"?\"}");
        see("GET", "/v1/knowledge/pair", "?id=noto/flamingo");
        see("GET", "/v1/knowledge/pair", "?id=none");
        String thumbnail = "/v1/knowledge/thumbnail";
        String tag = see("GET", thumbnail, "?id=noto/flamingo")
                .headers()
                .firstValue("ETag")
                .orElseThrow();
        assertThat(see("GET", thumbnail, "?id=noto/flamingo", "If-None-Match", tag)
                        .statusCode())
                .isEqualTo(304);
        see("GET", thumbnail, "?id=none");
        post("POST /knn-service", "{\"text\": \"flamingo\", \"modality\": \"image\", \"num_images\": 2}");
        post("POST /knn-service", "{}");
    }

    private void gallery() throws Exception {
        JsonNode found = TestServer.json(see("GET", "/v1/gallery", ""));
        see("GET", "/v1/gallery", "?limit=0");
        String entry = "/v1/gallery/{id}";
        for (String id : List.of(found.at("/entries/0/id").asText(), "none")) {
            String at = "/v1/gallery/" + id;
            see("GET", entry, at, BodyPublishers.noBody());
            HttpResponse<String> picture = see("GET", entry + "/picture", at + "/picture", BodyPublishers.noBody());
            see("GET", entry + "/thumbnail", at + "/thumbnail", BodyPublishers.noBody());
            String tag = picture.headers().firstValue("ETag").orElse("none");
            see("GET", entry + "/picture", at + "/picture", BodyPublishers.noBody(), "If-None-Match", tag);
            see("DELETE", entry, at, BodyPublishers.noBody());
        }
    }

    private void administration() throws Exception {
        String path = "/v1/knowledge/pairs";
        String[] bearer = {"Authorization", "Bearer " + TestServer.TOKEN};
        String[] fields = {"id", "mine/sun", "caption", "a sun", "licence", "CC-BY-4.0", "author", "me"};
        see("POST", path, multipart(picture(), fields));
        see("POST", path, multipart(new byte[] {1}, fields), bearer);
        String sha256 = TestServer.json(see("POST", path, multipart(picture(), fields), bearer))
                .get("sha256")
                .asText();
        see("DELETE", path, "?sha256=" + sha256);
        see("DELETE", path, "?sha256=" + sha256, bearer);
        see("DELETE", path, "?sha256=x", bearer);
        post("POST /v1/session", "{\"token\": \"wrong\"}");
        post("POST /v1/session", "{\"token\": \"" + TestServer.TOKEN + "\"}");
    }

    /** Asks while the server ends, which a drawing delays. */
    private void notReady() throws Exception {
        CompletableFuture<HttpResponse<String>> drawn = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return server.post("/v1/generate", LONG, "Authorization", "Bearer " + TestServer.TOKEN);
                    } catch (java.io.IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                Thread::startVirtualThread);
        id(0);
        Thread ending = Thread.startVirtualThread(() -> {
            try {
                server.server().stop();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        int status = 200;
        while (status == 200 && !drawn.isDone()) {
            status = see("GET", "/ready", "").statusCode();
        }
        ending.join();
    }
}
