package org.reimagen.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.UNet;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.NewPair;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;

/** {@code reimagen serve} as a process of its own, over a tiny untrained model and one pair; and a client of it. */
final class ServeProcess implements AutoCloseable {
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Process process;
    private final URI address;

    private ServeProcess(Process process, URI address) {
        this.process = process;
        this.address = address;
    }

    /** Starts it and waits until it listens. */
    static ServeProcess start(Path folder, String... flags) throws IOException {
        writeModel(folder.resolve("tiny"));
        writeBase(folder.resolve("kb"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.awt.headless=true",
                "org.reimagen.app.Main",
                "serve",
                "--port=0",
                "--model=" + folder.resolve("tiny"),
                "--kb=" + folder.resolve("kb"),
                "--gallery=" + folder.resolve("gallery")));
        command.addAll(List.of(flags));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment().put("OPENBLAS_NUM_THREADS", "1");
        builder.redirectError(folder.resolve("serve.log").toFile());
        Process process = builder.start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("open ")) {
                return new ServeProcess(process, URI.create(line.substring("open ".length())));
            }
        }
        throw new IOException("serve did not start, see " + folder.resolve("serve.log"));
    }

    private static void writeModel(Path folder) {
        try (TextEncoder encoder = OnnxTextEncoder.builtIn()) {
            UNetConfig config = UNetConfig.tiny().withTextDim(encoder.dim());
            new ModelFolder(folder)
                    .writeBase(new StageConfig(config, 64, encoder.name()), Weights.named(new UNet(config)), Map.of());
        }
    }

    private static void writeBase(Path folder) {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            writer.add(new NewPair(
                    "noto/fox",
                    new NewPair.Text("fox, noto style", "fox", "fox", "noto", List.of()),
                    new NewPair.Credit("CC0-1.0", "drawn for this test", "test"),
                    ("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\" width=\"8\" height=\"8\">"
                                    + "<rect x=\"1\" y=\"2\" width=\"5\" height=\"4\" fill=\"#a40\"/></svg>")
                            .getBytes(StandardCharsets.UTF_8)));
            writer.commit();
        }
    }

    /** Draws so many pictures in so many steps. */
    CompletableFuture<HttpResponse<String>> draw(int steps, int pictures) {
        return http.sendAsync(
                HttpRequest.newBuilder(address.resolve("/v1/generate"))
                        .header("Content-Type", "application/json")
                        .timeout(Duration.ofMinutes(5))
                        .POST(HttpRequest.BodyPublishers.ofString(
                                "{\"prompt\": \"a fox\", \"num_inference_steps\": %d, \"num_images_per_prompt\": %d}"
                                        .formatted(steps, pictures)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(address.resolve(path))
                        .timeout(Duration.ofSeconds(30))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** A metric's value; 0 where it is not there yet. */
    double metric(String series) throws IOException, InterruptedException {
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(0);
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** Whether the process ends within so many seconds. */
    boolean awaitEnd(long seconds) throws InterruptedException {
        return process.waitFor(seconds, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        process.destroyForcibly();
        http.close();
    }
}
