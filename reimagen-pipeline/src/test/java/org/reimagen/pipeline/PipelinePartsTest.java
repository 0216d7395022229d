package org.reimagen.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reimagen.core.ReImagenException;

class PipelinePartsTest {
    private static final Set<String> STYLES = Set.of("noto", "noto-v1", "fluent-emoji", "fluent-emoji-flat");

    @TempDir
    Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "flamingo, noto style|flamingo|noto",
                "flamingo, noto v1 style, on a light blue background|flamingo|noto-v1",
                "a red apple in fluent emoji flat style|a red apple|fluent-emoji-flat",
                "fox, on a red background|fox|",
                "old castle|old castle|",
                "noto style|noto style|noto",
                "in the Noto style, on a red background|noto style|noto"
            })
    void theSubjectIsLookedUpAndTheStyleIsNot(String prompt, String subject, String style) {
        PromptReading reading = PromptReading.of(prompt, STYLES);
        assertThat(reading.subject()).isEqualTo(subject);
        assertThat(reading.style().orElse(null)).isEqualTo(style);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"noto style|true", "noto v1 style on a red background|true", "fox, noto style|false", "fox|false"})
    void aStyleAloneIsTold(String prompt, boolean alone) {
        assertThat(PromptReading.of(prompt, STYLES).styleAlone()).isEqualTo(alone);
    }

    @ParameterizedTest
    @CsvSource({
        "'fox, noto style, on a light blue background', LIGHT_BLUE",
        "Blue background with a fox, BLUE",
        "a red fox on a teal background, TEAL",
        "a red fox, WHITE",
        "a fox on a tartan background, WHITE"
    })
    void theBackgroundIsTheColourThatTheTextNames(String prompt, Background background) {
        assertThat(Background.in(prompt)).isEqualTo(background);
    }

    @Test
    void siblingsOfTheStyleAreItsFamily() {
        assertThat(PromptReading.of("fox, noto style", STYLES).family(STYLES)).containsOnly("noto", "noto-v1");
        assertThat(PromptReading.of("fox", STYLES).family(STYLES)).isEmpty();
    }

    @Test
    void metadataComesBackFromThePng() throws IOException {
        Path file = folder.resolve("a.png");
        Map<String, String> text =
                Map.of("parameters", "a fox\nSteps: 20", "reimagen_metadata", "{\"title\":\"Füchslein\"}");
        BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
        image.setRGB(1, 2, 0x123456);
        PngWriter.write(file, image, text);
        assertThat(PngWriter.read(file)).isEqualTo(text);
        assertThat(ImageIO.read(file.toFile()).getRGB(1, 2) & 0xFFFFFF).isEqualTo(0x123456);
        Files.write(file, new byte[] {1, 2, 3});
        assertThatThrownBy(() -> PngWriter.read(file))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("a.png");
    }

    @Test
    void contactSheetsHoldEveryCell() {
        BufferedImage white = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        ContactSheet.Cell cell = new ContactSheet.Cell(white, "a title that is far too long for its cell", "note");
        BufferedImage sheet = ContactSheet.draw(List.of(cell, cell, cell), 64, 2);
        assertThat(sheet.getWidth()).isEqualTo(2 * 72 + 8);
        assertThat(sheet.getHeight()).isEqualTo(2 * 106 + 8);
    }

    @Test
    void requestsOutOfRangeAreRefusedByField() {
        GenerationRequest request = GenerationRequest.of("a fox");
        assertThat(request.withSeed(3).withNeighbors(2).withSteps(5).knn()).isEqualTo(2);
        assertThatThrownBy(() -> request.withNeighbors(17)).hasMessageContaining("knn");
        assertThatThrownBy(() -> request.withSteps(0)).hasMessageContaining("num_inference_steps");
        assertThatThrownBy(() -> request.withImages(0)).hasMessageContaining("num_images_per_prompt");
    }
}
