package org.reimagen.knowledge.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reimagen.knowledge.KnowledgeException;

/** The built-in encoder against the Python reference (golden/text_encoder_fixtures.py). */
class OnnxTextEncoderTest {
    /** The encoder is quantised on the fly, and two versions of ONNX Runtime round differently: directions must agree. */
    private static final double COSINE = 0.98;

    private static final Path OWN = Path.of("src/test/resources/golden/onnx_encoder");

    @TempDir
    Path folder = Path.of("");

    /** What the forked JVM runs. */
    static final class Opens {
        private Opens() {}

        /** Opens the encoder on a thread with a small stack. */
        public static void main(String[] args) throws InterruptedException {
            Thread thread = Thread.ofPlatform()
                    .stackSize(300 << 10)
                    .start(() -> OnnxTextEncoder.builtIn().close());
            thread.join();
        }
    }

    /** ONNX Runtime's start overflowed a thread's usual stack now and then: a crash without a word. */
    @Test
    void opensOnAThreadWithASmallStack() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Opens.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).doesNotContain("Exception");
    }

    @Test
    void agreesWithThePythonReference() throws IOException {
        JsonNode cases =
                new ObjectMapper().readTree(Files.readAllBytes(Path.of("src/test/resources/golden/text_encoder.json")));
        try (TextEncoder encoder = OnnxTextEncoder.builtIn()) {
            assertThat(encoder.dim()).isEqualTo(384);
            for (JsonNode each : cases) {
                EncodedText text = encoder.encode(each.path("text").asText());
                assertThat(text.tokens()).isEqualTo(each.path("tokens").asInt());
                float[] states = text.states();
                assertClose(Arrays.copyOf(states, 8), each.path("first"));
                assertClose(Arrays.copyOfRange(states, states.length - 8, states.length), each.path("last"));
                assertClose(Arrays.copyOf(text.pooled(), 8), each.path("pooled"));
            }
        }
    }

    private static void assertClose(float[] actual, JsonNode expected) {
        double dot = 0;
        double norms = 0;
        double norm = 0;
        for (int i = 0; i < actual.length; i++) {
            dot += actual[i] * expected.get(i).asDouble();
            norms += actual[i] * actual[i];
            norm += expected.get(i).asDouble() * expected.get(i).asDouble();
        }
        assertThat(dot / Math.sqrt(norms * norm)).as(expected.toString()).isGreaterThan(COSINE);
        assertThat(Math.sqrt(norms / norm)).isCloseTo(1, within(0.1));
    }

    @Test
    void longTextsAreCutOffAndCachedOnesAreTheSame() {
        try (TextEncoder encoder = new CachingTextEncoder(OnnxTextEncoder.builtIn(), 2)) {
            assertThat(encoder.encode("fox ".repeat(500)).tokens()).isEqualTo(64);
            assertThat(encoder.encode("fox")).isSameAs(encoder.encode("fox"));
        }
    }

    @Test
    void missingAndBrokenFilesAreNamed() throws IOException {
        assertThatThrownBy(() -> OnnxTextEncoder.fromFolder(folder))
                .isInstanceOf(KnowledgeException.class)
                .hasMessageContaining("model.onnx");
        Files.writeString(folder.resolve("model.onnx"), "no model");
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        assertThatThrownBy(() -> OnnxTextEncoder.fromFolder(folder))
                .isInstanceOf(KnowledgeException.class)
                .hasMessageContaining(folder.toString());
    }

    /** golden/onnx_encoder_fixtures.py: the lookup is exact in any version of the runtime. */
    @Test
    void aFolderOfOnesOwnAgreesWithPython() throws IOException {
        JsonNode cases = new ObjectMapper().readTree(Files.readAllBytes(OWN.resolve("expected.json")));
        assertThat(cases).hasSize(4);
        try (TextEncoder encoder = OnnxTextEncoder.fromFolder(OWN)) {
            assertThat(encoder.dim()).isEqualTo(8);
            assertThat(encoder.name()).isEqualTo("onnx_encoder");
            for (JsonNode each : cases) {
                EncodedText text = encoder.encode(each.path("text").asText());
                assertThat(text.states()).containsExactly(floats(each.path("states")), within(1e-6f));
                assertThat(text.pooled()).containsExactly(floats(each.path("pooled")), within(1e-6f));
            }
        }
    }

    private static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) array.get(i).asDouble();
        }
        return values;
    }

    @Test
    void externalDataIsRefusedInOneLine() throws IOException {
        Path model = Files.copy(OWN.resolve("external.onnx"), folder.resolve("model.onnx"));
        Files.copy(OWN.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        assertThatThrownBy(() -> OnnxTextEncoder.fromFolder(folder))
                .isInstanceOf(KnowledgeException.class)
                .hasMessage(model + ": the values of tensor \"table\" lie in the file \"weights.bin\""
                        + "; a model with external data is refused, save it as one file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.onnx", "tokenizer.json"})
    void twoHundredMalformedFilesAreRefusedInOneLineOrRead(String damagedFile) throws IOException {
        Files.copy(OWN.resolve("model.onnx"), folder.resolve("model.onnx"));
        Files.copy(OWN.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        byte[] sound = Files.readAllBytes(folder.resolve(damagedFile));
        Random random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 200; i++) {
            byte[] damaged = i % 3 == 0 ? Arrays.copyOf(sound, random.nextInt(sound.length)) : sound.clone();
            for (int flips = random.nextInt(6); flips >= 0 && damaged.length > 0; flips--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            Files.write(folder.resolve(damagedFile), damaged);
            long start = System.nanoTime();
            refused += isRefused() ? 1 : 0;
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
        }
        assertThat(refused).isGreaterThan(60);
    }

    private boolean isRefused() {
        try (TextEncoder encoder = OnnxTextEncoder.fromFolder(folder)) {
            assertThat(encoder.encode("a red ball").dim()).isEqualTo(encoder.dim());
            return false;
        } catch (KnowledgeException e) {
            assertThat(e).hasMessageNotContaining("\n").hasMessageNotContaining(": null");
            assertThat(String.valueOf(e.getMessage()))
                    .containsAnyOf(folder.toString(), String.valueOf(folder.getFileName()));
            return true;
        }
    }

    @Test
    void noCutOffModelHidesItsExternalData() throws IOException {
        byte[] external = Files.readAllBytes(OWN.resolve("external.onnx"));
        int headerOnly = 2; // the format's version, a whole message by itself
        for (int length = headerOnly + 1; length <= external.length; length++) {
            byte[] cut = Arrays.copyOf(external, length);
            try {
                assertThat(ExternalData.find(cut))
                        .hasValueSatisfying(v -> assertThat(v).contains("weights.bin"));
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessage("is no ONNX model");
                assertThat(length).isLessThan(external.length);
            }
        }
    }
}
