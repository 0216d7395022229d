package org.reimagen.knowledge.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.draw.Pictures;

/** A tiny random CLIP against transformers, from the picture file to the vector (golden/clip_fixtures.py). */
class OnnxClipEmbedderTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/onnx_clip");
    private static final String CONFIG = "preprocessor_config.json";

    @TempDir
    Path folder = Path.of("");

    private static JsonNode expected() throws IOException {
        return new ObjectMapper().readTree(Files.readAllBytes(GOLDEN.resolve("expected.json")));
    }

    private static BufferedImage picture(String file) throws IOException {
        return Pictures.decode(file, Files.readAllBytes(GOLDEN.resolve(file)));
    }

    private static void assertClose(float[] actual, JsonNode expected, double tolerance) {
        assertThat(actual.length).isEqualTo(expected.size());
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).isCloseTo(expected.get(i).asDouble(), within(tolerance));
        }
    }

    @Test
    void preprocessesAsTransformersDoes() throws IOException {
        ClipPreprocessing preprocessing = ClipPreprocessing.read(GOLDEN.resolve(CONFIG));
        for (JsonNode each : expected().path("pictures")) {
            float[] pixels = preprocessing.pixels(picture(each.path("file").asText()));
            assertClose(pixels, each.path("pixels"), 1e-6);
        }
    }

    @Test
    void givesTheVectorsOfTransformers() throws IOException {
        try (OnnxClipEmbedder clip = OnnxClipEmbedder.fromFolder(GOLDEN)) {
            assertThat(clip.dim()).isEqualTo(8);
            assertThat(clip.name()).matches("clip-[0-9a-f]{12}");
            assertThat(clip.side()).isEqualTo(20);
            for (JsonNode each : expected().path("pictures")) {
                assertClose(clip.embed(picture(each.path("file").asText())), each.path("vector"), 1e-4);
            }
            for (JsonNode each : expected().path("texts")) {
                assertClose(clip.embed(each.path("text").asText()), each.path("vector"), 1e-4);
            }
        }
    }

    private void copy() throws IOException {
        try (Stream<Path> files = Files.list(GOLDEN)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
    }

    private void assertRefused(String... named) {
        assertThatThrownBy(() -> OnnxClipEmbedder.fromFolder(folder))
                .isInstanceOf(KnowledgeException.class)
                .hasMessageContainingAll(named);
    }

    @Test
    void refusesWhatIsMissingOrBroken() throws IOException {
        copy();
        for (String file : List.of("text_model.onnx", "vision_model.onnx", "tokenizer.json", CONFIG)) {
            byte[] bytes = Files.readAllBytes(folder.resolve(file));
            Files.delete(folder.resolve(file));
            assertRefused(file, "no such file");
            Files.write(folder.resolve(file), bytes);
        }
        Files.writeString(folder.resolve("vision_model.onnx"), "no model");
        assertRefused("vision_model.onnx");
        Files.copy(
                GOLDEN.resolve("text_model.onnx"),
                folder.resolve("vision_model.onnx"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertRefused("unknown input");
    }

    @Test
    void refusesPreprocessingThatItDoesNotDo() throws IOException {
        String config = Files.readString(GOLDEN.resolve(CONFIG));
        for (List<String> change : List.of(
                List.of("\"resample\": 3", "\"resample\": 2", "resample"),
                List.of("\"do_center_crop\": true", "\"do_center_crop\": false", "do_center_crop"),
                List.of("\"height\": 16", "\"height\": 12", "crop_size"),
                List.of("\"shortest_edge\": 20", "\"shortest_edge\": 9", "crop_size"),
                List.of("\"image_std\"", "\"image_st\"", "image_std"),
                List.of("\"rescale_factor\": 0.0039", "\"rescale_factor\": 0.9", "rescale_factor"))) {
            assertThat(config).contains(change.get(0));
            Path file = Files.writeString(folder.resolve(CONFIG), config.replace(change.get(0), change.get(1)));
            assertThatThrownBy(() -> ClipPreprocessing.read(file))
                    .isInstanceOf(KnowledgeException.class)
                    .hasMessageContainingAll(CONFIG, change.get(2));
        }
    }
}
