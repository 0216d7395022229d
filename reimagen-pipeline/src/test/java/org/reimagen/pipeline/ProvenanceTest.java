package org.reimagen.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.retrieval.Neighbor;

/** What a picture says of its making, after it went through a PNG. */
class ProvenanceTest {
    @TempDir
    Path folder = Path.of("");

    private static GenerationResult result(BufferedImage drawn, BufferedImage reference) {
        return result(GenerationRequest.of("a ball").withSeed(7), drawn, reference);
    }

    private static GenerationResult result(GenerationRequest request, BufferedImage drawn, BufferedImage reference) {
        Pair pair = new Pair(
                "mine/ball",
                "a red ball",
                "Ball",
                "ball",
                "",
                List.of(),
                "CC-BY-4.0",
                "Somebody",
                "mine/ball.png",
                "ab".repeat(32),
                false,
                64,
                64,
                0);
        LinkedHashMap<Integer, List<BufferedImage>> stages = new LinkedHashMap<>();
        stages.put(64, List.of(drawn));
        return new GenerationResult(
                request,
                List.of(drawn),
                stages,
                List.of(CopyScore.of(drawn, reference)),
                List.of(7L),
                List.of(new Neighbor(pair, 3.5, 1)),
                "my-model",
                "cd".repeat(32),
                "ef".repeat(32),
                Map.of());
    }

    private static BufferedImage bar(int from) {
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 64; y++) {
            for (int x = 0; x < 64; x++) {
                image.setRGB(x, y, x >= from && x < from + 20 ? 0xC02030 : 0xFFFFFF);
            }
        }
        return image;
    }

    private String inspected(BufferedImage drawn, BufferedImage reference) {
        Path file = folder.resolve("a.png");
        result(drawn, reference).writePng(file);
        return String.join("\n", Provenance.lines(PngWriter.read(file)));
    }

    @Test
    void namesWeightsOwnReferencesAndTheNegativePrompt() {
        Path file = folder.resolve("b.png");
        GenerationRequest request = GenerationRequest.of("a ball")
                .withNegativePrompt("a cube")
                .withNeighborWeights(Map.of("mine/ball", 2.5))
                .withOwnReferences(List.of(new OwnReference(bar(8), "my own ball", 0.5)));
        result(request, bar(4), bar(40)).writePng(file);
        assertThat(String.join("\n", Provenance.lines(PngWriter.read(file))))
                .contains("negative prompt: a cube")
                .contains("sha256 " + "ab".repeat(32) + ", weight 2.5")
                .contains("own reference: \"my own ball\", weight 0.5");
        assertThat(PngWriter.read(file).get("parameters")).startsWith("a ball\nNegative prompt: a cube\nSteps: 20");
    }

    @Test
    void namesModelKnowledgeBaseSeedAndEveryReferenceWithLicenceAndAuthor() {
        assertThat(inspected(bar(4), bar(40)))
                .contains("model: my-model, sha256 " + "cd".repeat(32))
                .contains("knowledge base: sha256 " + "ef".repeat(32))
                .contains("seed: 7")
                .contains("references: 1")
                .contains("mine/ball: \"Ball\", licence CC-BY-4.0, author Somebody, source mine/ball.png")
                .doesNotContain("near-copy");
    }

    @Test
    void aPlantedVerbatimCopyIsCalledOneInThePicturesOwnMetadata() {
        assertThat(inspected(bar(4), bar(4))).contains("copy score: 1.00, a near-copy of a reference");
    }

    @Test
    void chunksOfOthersSayNothingAndBrokenOnesAreRefused() {
        assertThat(Provenance.lines(Map.of("parameters", "a ball"))).isEmpty();
        assertThatThrownBy(() -> Provenance.lines(Map.of("reimagen_metadata", "{")))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("reimagen_metadata");
    }
}
