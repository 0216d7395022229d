package org.reimagen.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.eval.distance.EmbedderFeatures;
import org.reimagen.eval.distance.FrechetDistance;
import org.reimagen.eval.distance.Statistics;
import org.reimagen.eval.entitydraw.Alignment;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.NewPair;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.encoder.Embedder;

/** CLIP-T and CLIP-I with an encoder that sees the mean colour and reads one word. */
class AlignmentTest {
    @TempDir
    Path folder = Path.of("");

    /** Red, green and blue of a picture on white, less white's own, as a direction; texts are red, or green for "rocket". */
    private static final class Colours implements Embedder {
        private boolean closed;

        @Override
        public String name() {
            return "mean-colour";
        }

        @Override
        public int dim() {
            return 3;
        }

        @Override
        public Set<Modality> modalities() {
            return Set.of(Modality.TEXT, Modality.PICTURE);
        }

        @Override
        public float[] embed(String text) {
            return text.contains("rocket") ? new float[] {0, 1, 0} : new float[] {1, 0, 0};
        }

        @Override
        public float[] embed(BufferedImage picture) {
            BufferedImage rgb = Pictures.on(Color.WHITE, picture);
            int middle = rgb.getRGB(rgb.getWidth() / 2, rgb.getHeight() / 2);
            float[] vector = {middle >> 16 & 255, middle >> 8 & 255, middle & 255};
            double length = Math.sqrt(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2]);
            for (int i = 0; i < 3; i++) {
                vector[i] /= (float) Math.max(1, length);
            }
            return vector;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    @BeforeEach
    void fill() {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            int x = 0;
            for (String style : List.of("noto", "twemoji", "openmoji", "fxemoji")) {
                writer.add(pair("flamingo", style, "ff0000", x++));
                writer.add(pair("rocket", style, "00ff00", x++));
            }
            writer.commit();
        }
    }

    private static NewPair pair(String entity, String style, String colour, int x) {
        String svg =
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"22\" fill=\"#%s\"/></svg>"
                        .formatted(1 + x, 9 - x, 20 - x, colour);
        return new NewPair(
                style + "/" + entity,
                new NewPair.Text(entity + ", " + style + " style", entity, entity, style, List.of()),
                new NewPair.Credit("CC0-1.0", "nobody", "drawn"),
                svg.getBytes(StandardCharsets.UTF_8));
    }

    private static BufferedImage plain(Color color) {
        BufferedImage picture = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 64; i++) {
            picture.setRGB(i % 8, i / 8, color.getRGB());
        }
        return picture;
    }

    @Test
    void drawingsAreHeldAgainstNameAndTruePictures() {
        try (KnowledgeBase base = KnowledgeBase.open(folder)) {
            Alignment.Meter meter = new Alignment.Meter(base, new Colours());
            Alignment right = meter.of("flamingo", List.of(plain(Color.RED), plain(Color.RED)));
            assertThat(right.clipT()).isCloseTo(1, within(1e-6));
            assertThat(right.clipI()).isCloseTo(1, within(1e-6));
            Alignment half = meter.of("rocket", List.of(plain(Color.GREEN), plain(Color.RED)));
            assertThat(half.clipT()).isCloseTo(0.5, within(1e-6));
            assertThat(half.clipI()).isCloseTo(0.5, within(1e-6));
            assertThatThrownBy(() -> meter.of("owl", List.of(plain(Color.RED)))).hasMessageContaining("owl");
        }
    }

    @Test
    void aSiblingsRedrawingIsComparedWithAllTruePicturesButItself() {
        Path alone = folder.resolve("alone");
        Path withSibling = folder.resolve("sibling");
        for (Path kb : List.of(alone, withSibling)) {
            try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(kb)) {
                writer.add(pair("flamingo", "noto", "ff0000", 0));
                writer.add(pair("flamingo", "twemoji", "ff0000", 3));
                writer.add(pair("flamingo", "openmoji", "00ff00", 6));
                if (kb.equals(withSibling)) {
                    writer.add(pair(
                            "flamingo",
                            "noto-v1",
                            "0000ff",
                            6)); // as openmoji's but for the colour: no target, too like
                }
                writer.commit();
            }
        }
        try (KnowledgeBase without = KnowledgeBase.open(alone);
                KnowledgeBase with = KnowledgeBase.open(withSibling)) {
            List<Row> plain = new Faithfulness(without, Frequency.HELD_OUT, 3, _ -> {}).references();
            List<Row> more = new Faithfulness(with, Frequency.HELD_OUT, 4, _ -> {}).references();
            assertThat(more).hasSize(plain.size() + 1);
            Row redrawn = more.getLast();
            assertThat(redrawn.name()).contains("sibling");
            assertThat(redrawn.outcomes())
                    .hasSize(1)
                    .allMatch(o -> o.target().truth().style().equals("noto") && !o.styleRight());
        }
    }

    @Test
    void theTruthIsLikeItselfAndLikeItsPrompt() {
        try (KnowledgeBase base = KnowledgeBase.open(folder)) {
            Faithfulness faithfulness = new Faithfulness(
                    base, Frequency.HELD_OUT, 4, line -> assertThat(line).isNotEmpty());
            Row truth = faithfulness.references().getFirst();
            Map<String, Interval> figures = FaithfulnessAlignment.of(faithfulness, truth, new Colours());
            assertThat(figures).containsOnlyKeys("clip_t", "clip_i");
            Interval clipI = Objects.requireNonNull(figures.get("clip_i"));
            assertThat(clipI.value()).isCloseTo(1, within(1e-6));
            assertThat(clipI.n()).isEqualTo(4);
            assertThat(clipI.plain()).isEqualTo("1.000 [1.000, 1.000]");
            assertThat(Objects.requireNonNull(figures.get("clip_t")).value()).isCloseTo(1, within(1e-6));
        }
    }

    @Test
    void distancesInItsVectorsAreNamedAfterIt() {
        Colours colours = new Colours();
        try (EmbedderFeatures features = new EmbedderFeatures(colours)) {
            assertThat(features.frechetName()).isEqualTo("frechet_distance_mean_colour");
            assertThat(features.kernelName()).isEqualTo("kernel_distance_mean_colour");
            assertThat(features.description()).contains("mean-colour").contains("3 channels");
            Statistics same =
                    Statistics.of(List.of(features.features(plain(Color.RED)), features.features(plain(Color.BLUE))));
            assertThat(FrechetDistance.of(same, same)).isCloseTo(0, within(1e-6));
        }
        assertThat(colours.closed).isTrue();
    }
}
