package org.reimagen.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.SuperResolutionConfig;
import org.reimagen.core.model.SuperResolutionUNet;
import org.reimagen.core.model.UNet;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.NewPair;
import org.reimagen.knowledge.encoder.EncodedText;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.ReImagen;
import org.reimagen.server.job.Studio;

/** A real server on loopback over a tiny untrained cascade and a dozen drawn pairs, and a client of it. */
final class TestServer implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String TOKEN = "a token for tests only";
    /** A prompt that this server's text encoder fails on. */
    static final String UNREADABLE = "unreadable";

    static final List<String> ENTITIES = List.of("flamingo", "red apple", "green apple", "old castle");
    static final List<String> STYLES = List.of("noto", "twemoji", "openmoji");

    final HttpClient http = HttpClient.newHttpClient();
    final List<String> log;
    private final Studio studio;
    private final Server server;

    private TestServer(Studio studio, Server server, List<String> log) {
        this.log = log;
        this.studio = studio;
        this.server = server;
    }

    /** Starts one, its files in {@code folder}, which may hold those of an earlier one. */
    static TestServer start(Path folder, UnaryOperator<ServerConfig> change) {
        return start(folder, change, _ -> {});
    }

    /** Starts one whose model is made ready by {@code opened}, anew after each change of the base. */
    static TestServer start(Path folder, UnaryOperator<ServerConfig> change, Consumer<ReImagen> opened) {
        Path model = folder.resolve("tiny");
        Path base = folder.resolve("kb");
        if (!model.toFile().exists()) {
            writeModel(model);
            writeBase(base);
        }
        Studio studio = new Studio(base, over -> {
            ReImagen reimagen = ReImagen.open(model, over, new WordEncoder());
            opened.accept(reimagen);
            return reimagen;
        });
        ServerConfig config = change.apply(ServerConfig.local(0, folder.resolve("gallery")));
        List<String> lines = new CopyOnWriteArrayList<>();
        Server server = Server.start(config, studio, model, new RequestLog(lines::add, config.logPrompts()));
        return new TestServer(studio, server, lines);
    }

    static TestServer start(Path folder) {
        return start(folder, config -> config);
    }

    private static void writeModel(Path folder) {
        ModelFolder model = new ModelFolder(folder);
        try (var _ = new PointerScope()) {
            torch.manual_seed(1);
            UNetConfig unet = UNetConfig.tiny();
            model.writeBase(new StageConfig(unet, 64, "words"), Weights.named(new UNet(unet)), Map.of());
            writeStage(model, 64, 256, 8);
            writeStage(model, 256, 1024, 16);
        }
    }

    private static void writeStage(ModelFolder model, int low, int high, int patch) {
        SuperResolutionConfig config =
                new SuperResolutionConfig(patch, List.of(8, 12), List.of(1, 1), List.of(1, 0), 16, 0.1);
        model.writeSuperResolution(
                new SuperResolutionStageConfig(config, low, high),
                Weights.named(new SuperResolutionUNet(config)),
                Map.of());
    }

    private static void writeBase(Path folder) {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            ENTITIES.forEach(entity -> STYLES.forEach(style -> writer.add(pair(entity, style))));
            writer.commit();
        }
    }

    static NewPair pair(String entity, String style) {
        int hash = (entity + style).hashCode() & 0xFFFFFF;
        int x = 4 + Math.floorMod(entity.hashCode(), 12);
        String svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\" width=\"32\" height=\"32\">"
                + "<circle cx=\"%d\" cy=\"%d\" r=\"%d\" fill=\"#%06x\"/><rect x=\"%d\" y=\"3\" width=\"9\" height=\"%d\" fill=\"#%06x\"/></svg>"
                        .formatted(x, 28 - x, 4 + hash % 7, hash, x + hash % 5, 5 + hash % 17, 0xFFFFFF - hash);
        return new NewPair(
                style + "/" + entity,
                new NewPair.Text(entity + ", " + style + " style", entity, entity, style, List.of()),
                new NewPair.Credit("CC0-1.0", "drawn for this test", "test"),
                svg.getBytes(StandardCharsets.UTF_8));
    }

    /** Words as fixed vectors: deterministic and free. */
    static final class WordEncoder implements TextEncoder {
        private boolean closed;

        @Override
        public EncodedText encode(String text) {
            if (closed) {
                throw new IllegalStateException("closed");
            }
            if (text.equals(UNREADABLE)) {
                throw new IllegalStateException(text);
            }
            String[] words = text.split("[ ,]+", -1);
            float[] states = new float[words.length * dim()];
            for (int i = 0; i < states.length; i++) {
                states[i] = (float) Math.sin(words[i / dim()].hashCode() * 0.001 + i % dim());
            }
            return new EncodedText(dim(), states, Arrays.copyOf(states, dim()));
        }

        @Override
        public int dim() {
            return 12;
        }

        @Override
        public String name() {
            return "words";
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    int port() {
        return server.port();
    }

    String address() {
        return server.address();
    }

    Studio studio() {
        return studio;
    }

    Server server() {
        return server;
    }

    URI uri(String path) {
        return URI.create(address().substring(0, address().length() - 1) + path);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path));
    }

    HttpResponse<String> delete(String path) throws IOException, InterruptedException {
        return send(request(path).DELETE());
    }

    HttpResponse<String> post(String path, String json, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path).header("Content-Type", "application/json");
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request.POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    static JsonNode json(HttpResponse<String> response) throws IOException {
        return JSON.readTree(response.body());
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            studio.close();
            http.close();
        }
    }
}
