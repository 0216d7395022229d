package org.reimagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.pipeline.PngWriter;

/** The knowledge base over HTTP: search by text and look, records, thumbnails, and its administration. */
class KnowledgeTest {
    @TempDir
    Path folder = Path.of("");

    private static byte[] picture() {
        BufferedImage image = new BufferedImage(60, 40, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.ORANGE);
        graphics.fillOval(10, 5, 30, 30);
        graphics.dispose();
        return PngWriter.encode(image, Map.of());
    }

    private static HttpResponse<String> add(TestServer server, byte[] picture, String... headers) throws Exception {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("id", "mine/sun");
        fields.put("caption", "a setting sun");
        fields.put("licence", "CC-BY-4.0");
        fields.put("author", "me");
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        fields.forEach((name, value) -> body.writeBytes(
                ("--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n")
                        .getBytes(StandardCharsets.UTF_8)));
        body.writeBytes("--b\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"../../x.png\"\r\n\r\n"
                .getBytes(StandardCharsets.UTF_8));
        body.writeBytes(picture);
        body.writeBytes("\r\n--b--\r\n".getBytes(StandardCharsets.UTF_8));
        HttpRequest.Builder request = server.request("/v1/knowledge/pairs")
                .header("Content-Type", "multipart/form-data; boundary=b")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return server.send(request);
    }

    @Test
    void searchesByTextAndByLook() throws Exception {
        try (TestServer server = TestServer.start(folder)) {
            JsonNode found = TestServer.json(server.get("/v1/knowledge/search?q=castle&k=2"));
            assertThat(found.get("neighbors")).hasSize(2);
            String id = found.at("/neighbors/0/id").asText();
            JsonNode pair = TestServer.json(server.get("/v1/knowledge/pair?id=" + id.replace(" ", "%20")));
            assertThat(pair.get("title").asText()).isEqualTo("old castle");
            String thumbnail = pair.get("thumbnail").asText();
            HttpResponse<byte[]> png = server.http.send(
                    server.request(thumbnail + "&size=128").build(), HttpResponse.BodyHandlers.ofByteArray());
            assertThat(png.headers().firstValue("Content-Type")).contains("image/png");
            JsonNode look = TestServer.json(server.post(
                    "/v1/knowledge/search",
                    "{\"picture\": \"" + Base64.getEncoder().encodeToString(png.body()) + "\", \"k\": 1}"));
            assertThat(look.at("/neighbors/0/id").asText()).isEqualTo(id);
            String tag = png.headers().firstValue("ETag").orElseThrow();
            assertThat(server.send(server.request(thumbnail + "&size=128").header("If-None-Match", tag))
                            .statusCode())
                    .isEqualTo(304);
            assertThat(server.get("/v1/knowledge/pair?id=none").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void addsAndRemovesWithATokenOnly() throws Exception {
        try (TestServer server = TestServer.start(folder, config -> config.withToken(TestServer.TOKEN))) {
            String bearer = "Bearer " + TestServer.TOKEN;
            assertThat(add(server, picture()).statusCode()).isEqualTo(401);
            assertThat(add(server, picture(), "Authorization", "Bearer wrong").statusCode())
                    .isEqualTo(401);
            HttpResponse<String> added = add(server, picture(), "Authorization", bearer);
            assertThat(added.statusCode()).as(added.body()).isEqualTo(201);
            String sha256 = TestServer.json(added).get("sha256").asText();
            HttpRequest.Builder search =
                    server.request("/v1/knowledge/search?q=sun").header("Authorization", bearer);
            assertThat(TestServer.json(server.send(search))
                            .at("/neighbors/0/licence")
                            .asText())
                    .isEqualTo("CC-BY-4.0");
            HttpResponse<String> drawn = server.post(
                    "/v1/generate",
                    "{\"prompt\": \"a sun\", \"num_inference_steps\": 1, \"resolution\": 64}",
                    "Authorization",
                    bearer);
            assertThat(TestServer.json(drawn).at("/neighbors/0/id").asText()).isEqualTo("mine/sun");
            HttpRequest.Builder remove = server.request("/v1/knowledge/pairs?sha256=" + sha256)
                    .header("Authorization", bearer)
                    .DELETE();
            assertThat(TestServer.json(server.send(remove)).get("removed").asInt())
                    .isEqualTo(1);
            assertThat(TestServer.json(server.send(search)).get("neighbors")).isEmpty();
            assertThat(add(server, picture(), "Authorization", bearer).body()).contains("blocked");
            byte[] svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>".getBytes(StandardCharsets.UTF_8);
            assertThat(add(server, svg, "Authorization", bearer).statusCode()).isEqualTo(400);
        }
        try (TestServer server = TestServer.start(folder)) {
            assertThat(add(server, picture()).statusCode()).isEqualTo(403);
        }
    }

    @Test
    void aPagesSessionStandsForTheToken() throws Exception {
        try (TestServer server = TestServer.start(folder, config -> config.withToken(TestServer.TOKEN))) {
            assertThat(server.get("/v1/about").statusCode()).isEqualTo(401);
            assertThat(server.get("/").statusCode()).isEqualTo(200);
            assertThat(server.post("/v1/session", "{\"token\": \"wrong\"}").statusCode())
                    .isEqualTo(401);
            HttpResponse<String> session = server.post("/v1/session", "{\"token\": \"" + TestServer.TOKEN + "\"}");
            String cookie = session.headers().firstValue("Set-Cookie").orElseThrow();
            assertThat(cookie).contains("HttpOnly", "SameSite=Strict").doesNotContain(TestServer.TOKEN);
            HttpRequest.Builder about = server.request("/v1/about").header("Cookie", cookie.split(";", 2)[0]);
            assertThat(server.send(about).statusCode()).isEqualTo(200);
        }
    }
}
