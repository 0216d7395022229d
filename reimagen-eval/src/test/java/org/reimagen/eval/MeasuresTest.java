package org.reimagen.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.reimagen.core.ReImagenException;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.Descriptor;
import org.reimagen.pipeline.Background;
import org.reimagen.pipeline.Finish;

class MeasuresTest {
    @Test
    void theDescriptorOfAVerticalEdgeFillsOneOrientationOfTheCellsItCrosses() {
        BufferedImage picture = square(0, 0, 28, 64);
        float[] vector = Descriptor.of(picture);
        for (int cell = 0; cell < 64; cell++) {
            for (int bin = 0; bin < 8; bin++) {
                float expected = cell % 8 == 3 && bin == 0 ? (float) Math.sqrt(1 / 8.0) : 0;
                assertThat(vector[cell * 8 + bin]).isCloseTo(expected, within(1e-5f));
            }
        }
    }

    @Property(tries = 30)
    void outlinesHaveLengthOneAndColoursHalfOfIt(
            @ForAll @IntRange(min = 0, max = 40) int x,
            @ForAll @IntRange(min = 0, max = 40) int y,
            @ForAll @IntRange(min = 3, max = 20) int side) {
        float[] vector = Descriptor.of(square(x, y, side, side));
        assertThat(length(vector, 0, 512)).isCloseTo(1, within(1e-5));
        assertThat(length(vector, 512, vector.length)).isCloseTo(Descriptor.COLOR_WEIGHT, within(1e-5));
    }

    @Test
    void aShiftByAPixelIsNearerThanAnotherShape() {
        float[] square = Descriptor.of(square(16, 16, 30, 30));
        float[] shifted = Descriptor.of(square(17, 16, 30, 30));
        float[] bar = Descriptor.of(square(16, 28, 30, 8));
        assertThat(Descriptor.squaredDistance(square, shifted)).isLessThan(Descriptor.squaredDistance(square, bar) / 3);
    }

    @Test
    void refusesAPictureOfAnotherSize() {
        assertThatThrownBy(() -> Descriptor.of(new BufferedImage(32, 64, BufferedImage.TYPE_INT_RGB)))
                .hasMessageContaining("64 x 64");
    }

    @Test
    void theCornersTellTheBackgroundWhateverIsDrawnInTheMiddleOrInOneCorner() {
        for (Background background : Background.values()) {
            BufferedImage picture = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
            Graphics2D graphics = picture.createGraphics();
            graphics.setColor(background.color());
            graphics.fillRect(0, 0, 64, 64);
            graphics.setColor(Color.MAGENTA);
            graphics.fillOval(10, 10, 44, 44);
            graphics.fillRect(0, 0, 6, 6);
            graphics.dispose();
            assertThat(Corners.background(picture)).isEqualTo(background);
        }
    }

    @Test
    void sharesCountTargetsAndResampleEntities() {
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            outcomes.add(outcome("entity " + i / 2, i % 4 == 0 ? 0 : i % 4 == 1 ? 3 : 9));
        }
        Row row = new Row("row", true, outcomes);
        assertThat(row.rank(1).value()).isEqualTo(0.25);
        assertThat(row.rank(5).value()).isEqualTo(0.5);
        assertThat(row.rank(1).low()).isBetween(0.0, 0.25);
        assertThat(row.rank(1).high()).isBetween(0.25, 0.5);
        assertThat(row.rank1ByKind()).containsEntry("thing (40)", 0.25);
    }

    @Test
    void oneEntityLeavesNothingToResample() {
        Row row = new Row("row", true, List.of(outcome("a", 0), outcome("a", 7)));
        assertThat(row.rank(1)).isEqualTo(new Row.Share(0.5, 0.5, 0.5, 2));
    }

    @Test
    void settingsNameTheFieldThatIsOutOfRange() {
        assertThatThrownBy(() -> new Setting(
                        17, 1, 1, 0, 0, 1, 0, 20, 1, 1, Finish.NONE, Setting.Solver.DPM, Setting.Clip.STATIC))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("knn");
        assertThatThrownBy(() -> new Setting(
                        0, 1, 1, 0, 0, 1, 0, 20, 0.5, 1, Finish.NONE, Setting.Solver.DPM, Setting.Clip.STATIC))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("knn");
        assertThatThrownBy(() -> new Setting(
                        1, 1, 1, 0, 0, 1, 0, 20, 0, 1, Finish.NONE, Setting.Solver.DPM, Setting.Clip.STATIC))
                .hasMessageContaining("strength");
        assertThatThrownBy(() -> new Setting(
                        1, 1, 1, 1.5, 0, 1, 0, 20, 1, 1, Finish.NONE, Setting.Solver.DPM, Setting.Clip.STATIC))
                .hasMessageContaining("guidance_ratio");
    }

    private static Outcome outcome(String entity, int rank) {
        Target target = new Target(TargetsTest.pair(entity, "noto", 0), List.<Pair>of(), Background.WHITE, "thing");
        return new Outcome(target, square(0, 0, 5, 5), rank, true, true, false);
    }

    private static double length(float[] vector, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += (double) vector[i] * vector[i];
        }
        return Math.sqrt(sum);
    }

    private static BufferedImage square(int x, int y, int width, int height) {
        BufferedImage picture = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, 64, 64);
        graphics.setColor(Color.BLACK);
        graphics.fillRect(x, y, width, height);
        graphics.dispose();
        return picture;
    }
}
