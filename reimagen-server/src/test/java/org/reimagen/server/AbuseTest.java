package org.reimagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What servers like this one were attacked with, each case with the incident it comes from. */
class AbuseTest {
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

    @AfterEach
    void isStillHealthy() throws Exception {
        assertThat(server.get("/health").statusCode()).isEqualTo(200);
    }

    /** Sends bytes as they are, and reads until the server closes. */
    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket(java.net.InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            out.write(request.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static String get(String target, String headers) throws IOException {
        return raw("GET " + target + " HTTP/1.1\n" + headers + "Connection: close\n\n");
    }

    private static String local() {
        return "Host: 127.0.0.1:" + server.port() + "\n";
    }

    /** Rebinding of names: Ollama CVE-2024-28224; vLLM and others after it. */
    @ParameterizedTest
    @ValueSource(
            strings = {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1", "[::2]", ""})
    void aForeignHostIsRefused(String host) throws IOException {
        assertThat(get("/v1/about", "Host: " + host + "\n"))
                .startsWith("HTTP/1.1 4")
                .contains("40")
                .doesNotContain("model");
    }

    /** Foreign pages that call local servers: ComfyUI CVE-2026-56670, Gradio CVE-2024-1561. */
    @ParameterizedTest
    @ValueSource(
            strings = {"null", "http://evil.example", "https://localhost.evil.example", "http://127.0.0.1:1", "file://"
            })
    void aForeignOriginIsRefused(String origin) throws IOException {
        assertThat(get("/v1/about", local() + "Origin: " + origin + "\n")).startsWith("HTTP/1.1 403");
    }

    /** The same, by browsers that tell the site: InvokeAI CVE-2024-12029. */
    @ParameterizedTest
    @ValueSource(strings = {"cross-site", "same-site"})
    void aForeignSiteIsRefused(String site) throws IOException {
        assertThat(get("/v1/gallery", local() + "Sec-Fetch-Site: " + site + "\n"))
                .startsWith("HTTP/1.1 403");
    }

    /** Forms of foreign pages need no preflight with these types: ComfyUI CVE-2026-56670. */
    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""})
    void aBodyThatIsNotDeclaredAsJsonIsRefused(String type) throws IOException {
        String body = "{\"prompt\": \"a fox\"}";
        String reply = raw("POST /v1/generate HTTP/1.1\n" + local() + "Content-Type: " + type + "\nContent-Length: "
                + body.length() + "\nConnection: close\n\n" + body);
        assertThat(reply).startsWith("HTTP/1.1 415");
    }

    /** Paths of clients: Gradio CVE-2024-1561, Ollama CVE-2024-37032 (Probllama). */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../../etc/passwd",
                "/..%2f..%2fetc%2fpasswd",
                "/%2e%2e/%2e%2e/etc/passwd",
                "/page/../openapi.json%00",
                "/v1/gallery/..%2f..%2fkb/picture",
                "/v1/gallery/%2e%2e/picture",
                "/v1/gallery/....//picture",
                "/v1/images/files/..%5c..%5cx",
                "//etc/passwd",
                "/file=/etc/passwd"
            })
    void noPathOfAClientIsOpened(String path) throws IOException {
        assertThat(get(path, local())).containsPattern("^HTTP/1.1 (400|404)").doesNotContain("root:");
    }

    /** The same, in parameters: Ollama CVE-2024-37032. */
    @ParameterizedTest
    @ValueSource(strings = {"../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "noto%2F..%2F..%2Findex"})
    void noIdOfAClientIsOpened(String id) throws Exception {
        assertThat(server.get("/v1/knowledge/pair?id=" + id).statusCode()).isEqualTo(404);
        assertThat(server.get("/v1/knowledge/thumbnail?id=" + id).statusCode()).isEqualTo(404);
    }

    /** Addresses of clients, fetched: TorchServe CVE-2023-43654, vLLM CVE-2025-6242 and CVE-2026-34756. */
    @ParameterizedTest
    @ValueSource(
            strings = {"http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "http://127.0.0.1:1/x.png"})
    void noAddressOfAClientIsFetched(String address) throws Exception {
        HttpResponse<String> knn = server.post("/knn-service", "{\"image_url\": \"" + address + "\"}");
        assertThat(knn.statusCode()).isEqualTo(400);
        assertThat(knn.body()).contains("image_url");
        HttpResponse<String> own = server.post(
                "/v1/generate",
                "{\"prompt\": \"x\", \"own_references\": [{\"picture\": \"" + address + "\", \"caption\": \"x\"}]}");
        assertThat(own.statusCode()).isEqualTo(400);
        assertThat(own.body()).contains("own_references[0]");
    }

    /** Models of clients, loaded: TorchServe CVE-2023-43654, Ollama CVE-2025-63389. */
    @ParameterizedTest
    @ValueSource(strings = {"../../evil", "http://evil.example/model.pt", "/etc/passwd"})
    void noModelOfAClientIsLoaded(String model) throws Exception {
        HttpResponse<String> drawn = server.post(
                "/v1/images/generations",
                "{\"prompt\": \"x\", \"size\": \"64x64\", \"num_inference_steps\": 1, \"model\": \"" + model + "\"}");
        assertThat(drawn.statusCode()).isEqualTo(200);
        assertThat(server.get("/v1/models").body()).contains("tiny").doesNotContain("evil");
        assertThat(server.post("/knn-service", "{\"text\": \"x\", \"indice_name\": \"" + model + "\"}")
                        .statusCode())
                .isEqualTo(400);
    }

    /** Numbers without bounds exhaust memory: vLLM CVE-2026-34756 (n). */
    @ParameterizedTest
    @CsvSource({
        "num_inference_steps, 1000000",
        "num_inference_steps, 0",
        "num_images_per_prompt, 1000000",
        "num_images_per_prompt, -1",
        "knn, 17",
        "resolution, 65536",
        "seed, -1",
        "seed, 9007199254740992",
        "guidance_scale, 1e308",
        "guidance_ratio, -0.1",
        "guidance_rescale, 1.1",
        "strength, 0",
        "background_tolerance, 0.6",
        "smoothing, 0.2",
        "sr_steps, 99999",
        "sr_noise_level, 7"
    })
    void everyNumberIsBounded(String parameter, String value) throws Exception {
        HttpResponse<String> response =
                server.post("/v1/generate", "{\"prompt\": \"x\", \"" + parameter + "\": " + value + "}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(TestServer.json(response).at("/error/param").asText()).isEqualTo(parameter);
    }

    /** Odd JSON: overflows of the parser's stack, ambiguous keys, wrong types, later requests smuggled in. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{",
                "{\"prompt\": \"a\", \"prompt\": \"b\"}",
                "{\"prompt\": 7}",
                "{\"prompt\": \"\"}",
                "{\"prompt\": \"a\", \"knn\": \"4\"}",
                "{\"prompt\": \"a\", \"knn\": 1.5}",
                "{\"prompt\": \"a\", \"seed\": NaN}",
                "{\"prompt\": \"a\", \"unknown\": 1}",
                "{\"prompt\": \"a\"} {\"prompt\": \"b\"}",
                "{\"prompt\": \"a\", \"seed\": 99999999999999999999999999999999999999999999999999}",
                "{\"prompt\": \"a\", \"neighbor_weights\": {\"x\": null}}",
                "{\"prompt\": \"a\", \"styles\": [null]}"
            })
    void oddJsonIsRefusedInOneLine(String body) throws Exception {
        HttpResponse<String> response = server.post("/v1/generate", body);
        assertThat(response.statusCode()).as(body + response.body()).isEqualTo(400);
        String message = TestServer.json(response).at("/error/message").asText();
        assertThat(message).isNotBlank().doesNotContain("\n", "Exception", "com.fasterxml", "org.reimagen");
    }

    /** Deep nesting: jackson-databind CVE-2020-36518. */
    @Test
    void deepNestingIsRefused() throws Exception {
        String deep = "{\"prompt\": " + "[".repeat(10_000) + "]".repeat(10_000) + "}";
        assertThat(server.post("/v1/generate", deep).statusCode()).isEqualTo(400);
    }

    /** A body over the limit, before it is read: vLLM CVE-2026-34756. */
    @Test
    void aLargeBodyIsRefusedBeforeItIsSent() throws IOException {
        String head = "POST /v1/generate HTTP/1.1\n" + local()
                + "Content-Type: application/json\nContent-Length: 10000000000\nConnection: close\n\n";
        assertThat(raw(head)).startsWith("HTTP/1.1 413");
    }

    /** The same, its length not told. */
    @Test
    void aLargeBodyOfUntoldLengthIsRefused() throws Exception {
        byte[] filler = " ".repeat(100_000).getBytes(StandardCharsets.UTF_8);
        HttpResponse<String> response = server.send(server.request("/v1/references")
                .header("Content-Type", "application/json")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofInputStream(
                        () -> new java.io.ByteArrayInputStream(filler))));
        assertThat(response.statusCode()).isEqualTo(413);
    }

    /** The reply is still there for a client that goes on sending after it; RFC 9112, section 9.6. */
    @Test
    void aRefusalReachesAClientThatIsStillSending() throws Exception {
        try (Socket socket = new Socket(java.net.InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            String head = "POST /v1/references HTTP/1.1\n" + local()
                    + "Content-Type: application/json\nTransfer-Encoding: chunked\n\n";
            String chunk = "11170\r\n" + " ".repeat(70_000) + "\r\n";
            out.write((head.replace("\n", "\r\n") + chunk).getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            InputStream in = socket.getInputStream();
            byte[] status = in.readNBytes(12);
            out.write(chunk.getBytes(StandardCharsets.ISO_8859_1));
            Thread.sleep(100);
            out.write(chunk.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            assertThat(new String(status, StandardCharsets.ISO_8859_1)).isEqualTo("HTTP/1.1 413");
            assertThat(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                    .contains("body_too_large");
        }
    }

    /** Compressed bodies that grow: not read at all. Commons Compress CVE-2021-36090. */
    @Test
    void aCompressedBodyIsRefused() throws Exception {
        assertThat(server.post("/v1/generate", "{}", "Content-Encoding", "gzip").statusCode())
                .isEqualTo(415);
    }

    /** A pixel bomb: TwelveMonkeys CVE-2021-23792's kind; the size is read before anything is allocated. */
    @Test
    void aPixelBombIsRefusedBeforeItIsDecoded() throws Exception {
        ByteBuffer header = ByteBuffer.allocate(13).putInt(60_000).putInt(60_000);
        header.put(new byte[] {8, 2, 0, 0, 0});
        CRC32 crc = new CRC32();
        crc.update("IHDR".getBytes(StandardCharsets.US_ASCII));
        crc.update(header.array());
        ByteBuffer png = ByteBuffer.allocate(33);
        png.put(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10}).putInt(13);
        png.put("IHDR".getBytes(StandardCharsets.US_ASCII)).put(header.array()).putInt((int) crc.getValue());
        HttpResponse<String> response = picture(Base64.getEncoder().encodeToString(png.array()));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("60000 x 60000");
    }

    /** Torn and disguised pictures: libwebp CVE-2023-4863's kind; SVG with scripts or files is not read. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "RIFF\u0010\u0000\u0000\u0000WEBPVP8 ",
                "GIF89a",
                "BM",
                "<svg xmlns='http://www.w3.org/2000/svg'/>",
                "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><svg>&y;</svg>",
                "%PDF-1.4",
                ""
            })
    void aPictureThatIsNoneIsRefused(String bytes) throws Exception {
        String base64 = Base64.getEncoder().encodeToString(bytes.getBytes(StandardCharsets.ISO_8859_1));
        HttpResponse<String> response = picture(base64);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(response.body()).contains("own_references[0]").doesNotContain("root:");
    }

    private static HttpResponse<String> picture(String base64) throws Exception {
        return server.post(
                "/v1/generate",
                "{\"prompt\": \"x\", \"own_references\": [{\"picture\": \"" + base64 + "\", \"caption\": \"x\"}]}");
    }

    /** Administration without a token: TorchServe CVE-2023-43654, Ollama CVE-2025-63389. */
    @Test
    void administrationNeedsAToken() throws Exception {
        assertThat(server.delete("/v1/knowledge/pairs?sha256=" + "0".repeat(64)).statusCode())
                .isEqualTo(403);
    }

    /** Ambiguous requests: smuggling through a proxy. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\nTransfer-Encoding: chunked\n",
                "Content-Length: 5\nContent-Length: 6\n",
                "Content-Length: -1\n",
                "Host: second.example\n",
                "A: b\n folded\n"
            })
    void anAmbiguousRequestIsRefused(String header) throws IOException {
        String reply = raw("POST /v1/generate HTTP/1.1\n" + local() + header
                + "Content-Type: application/json\nConnection: close\n\n0\n\n");
        assertThat(reply).containsPattern("^HTTP/1.1 4[0-9][0-9]").doesNotContain("200 OK");
    }

    /** Scripts and frames of others: Gradio's and A1111's pages; what goes out says so everywhere, errors included. */
    @ParameterizedTest
    @ValueSource(strings = {"/", "/v1/about", "/nowhere", "/v1/gallery"})
    void everyReplyCarriesThePolicies(String path) throws Exception {
        HttpResponse<String> response = server.get(path);
        assertThat(response.headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(v -> assertThat(v)
                        .contains("default-src 'none'", "frame-ancestors 'none'")
                        .doesNotContain("unsafe"));
        assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
        assertThat(response.headers().firstValue("Server")).isEmpty();
    }

    /** Slow sockets (slowloris): health answers beside a thousand of them. */
    @Test
    void aThousandSlowSocketsDoNotStopHealth() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 1000; i++) {
                Socket socket = new Socket(java.net.InetAddress.getLoopbackAddress(), server.port());
                socket.getOutputStream()
                        .write("POST /v1/generate HTTP/1.1\r\nHost: ".getBytes(StandardCharsets.US_ASCII));
                slow.add(socket);
            }
            long[] nanos = new long[100];
            for (int i = 0; i < nanos.length; i++) {
                long start = System.nanoTime();
                assertThat(server.get("/health").statusCode()).isEqualTo(200);
                nanos[i] = System.nanoTime() - start;
            }
            java.util.Arrays.sort(nanos);
            assertThat(nanos[98]).isLessThan(1_000_000_000L);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    /** Prompts in logs: not unless asked; nor what a client writes into a path. */
    @Test
    void theLogKeepsNoPrompts() throws Exception {
        server.post("/v1/generate", "{\"prompt\": \"a secret wish\", \"num_inference_steps\": 1, \"resolution\": 64}");
        server.get("/secret-path");
        assertThat(server.log).anyMatch(line -> line.contains("\"event\":\"drawing\""));
        assertThat(server.log).noneMatch(line -> line.contains("secret"));
    }
}
