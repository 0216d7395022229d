package org.reimagen.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.pipeline.BaseStage.Scene;

class PlainBackgroundTest {
    private static final int SIDE = 12;
    private static final int GREY = 0xFFF0F0F0;
    private static final int FAINT = 0xFFE0E8F0;
    private static final int DARK = 0xFF202020;
    private static final PlainBackground TENTH = new PlainBackground(Color.RED, 0.1);

    @Test
    void givesBlotchesTheColourOfTheBorderAndLeavesWhatIsEnclosed() {
        BufferedImage picture = filled(GREY);
        ring(picture); // a dark ring from 3 to 8, faint within it at (5, 5)
        picture.setRGB(1, 1, FAINT);
        picture.setRGB(2, 6, FAINT);
        picture.setRGB(5, 5, FAINT);
        picture.setRGB(0, 4, FAINT);
        picture.setRGB(10, 10, 0xFFB0B0B0); // farther than a tenth
        BufferedImage expected = filled(GREY);
        ring(expected);
        expected.setRGB(5, 5, FAINT);
        expected.setRGB(10, 10, 0xFFB0B0B0);
        assertThat(pixels(TENTH.even(picture))).isEqualTo(pixels(expected));
    }

    @Test
    void givesTheColourAskedForWhereTheBorderIsNearToIt() {
        BufferedImage picture = filled(GREY);
        picture.setRGB(1, 1, FAINT);
        picture.setRGB(6, 6, DARK);
        BufferedImage expected = filled(0xFFFFFFFF);
        expected.setRGB(6, 6, DARK);
        assertThat(pixels(new PlainBackground(Color.WHITE, 0.1).even(picture))).isEqualTo(pixels(expected));
        assertThat(new PlainBackground(Color.WHITE, 0.05).even(filled(GREY)).getRGB(3, 3))
                .isEqualTo(GREY);
    }

    @Test
    void leavesAPictureWithoutAPlainBorder() {
        BufferedImage thirds = filled(GREY);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < 8; x++) {
                thirds.setRGB(x, y, x < 4 ? DARK : 0xFF808080);
            }
        }
        thirds.setRGB(9, 9, FAINT);
        int[] before = pixels(thirds);
        assertThat(pixels(TENTH.even(thirds))).isEqualTo(before);
    }

    @Test
    void halfOfTheBorderMustBePlain() {
        BufferedImage picture = filled(GREY);
        for (int i = 0; i < SIDE; i++) {
            picture.setRGB(i, SIDE - 1, DARK);
            picture.setRGB(SIDE - 1, i, DARK); // 23 of 44 are more than half
        }
        picture.setRGB(6, 6, FAINT);
        assertThat(TENTH.even(picture).getRGB(6, 6)).isEqualTo(FAINT);
        picture.setRGB(0, SIDE - 1, GREY); // 22 of 44 are half
        picture.setRGB(SIDE - 1, 0, GREY);
        assertThat(TENTH.even(picture).getRGB(6, 6)).isEqualTo(GREY);
        assertThat(picture.getRGB(6, SIDE - 1)).isEqualTo(DARK);
    }

    @Test
    void doesNotReachRoundTheEdges() {
        BufferedImage picture = filled(GREY);
        for (int y = 0; y < SIDE; y++) {
            picture.setRGB(SIDE - 2, y, y == 0 || y == SIDE - 1 ? GREY : DARK);
        }
        picture.setRGB(SIDE - 3, 5, FAINT);
        assertThat(TENTH.even(picture).getRGB(SIDE - 3, 5)).isEqualTo(GREY);
        assertThat(picture.getRGB(SIDE - 2, 5)).isEqualTo(DARK);
    }

    @Property(tries = 200)
    void changesNothingByMoreThanTheToleranceAndNothingTwice(
            @ForAll long seed, @ForAll @DoubleRange(min = 0, max = 0.5) double tolerance) {
        Random random = new Random(seed);
        BufferedImage picture = filled(GREY);
        int spread = 1 + random.nextInt(80);
        for (int i = 0; i < SIDE * SIDE; i++) {
            int value = 0xF0 - random.nextInt(spread);
            picture.setRGB(i % SIDE, i / SIDE, 0xFF000000 | value << 16 | (value - random.nextInt(9)) << 8 | value);
        }
        int[] before = pixels(picture);
        PlainBackground background = new PlainBackground(Color.RED, tolerance);
        int[] once = pixels(background.even(picture));
        int most = TinyStage.largestDifference(before, once);
        assertThat(most).isLessThanOrEqualTo((int) (tolerance * 255));
        long changed = Arrays.stream(once).distinct().count();
        assertThat(changed).isLessThanOrEqualTo(Arrays.stream(before).distinct().count() + 1);
        assertThat(pixels(background.even(picture))).isEqualTo(once);
    }

    @Test
    void aToleranceOfNothingLeavesAllAndOthersAreRefused() {
        BufferedImage picture = filled(GREY);
        picture.setRGB(4, 4, GREY + 1);
        int[] before = pixels(picture);
        assertThat(pixels(new PlainBackground(Color.RED, 0).even(picture))).isEqualTo(before);
        assertThatThrownBy(() -> new PlainBackground(Color.RED, 0.51)).hasMessageContaining("0.51");
        assertThatThrownBy(() -> new Finish(0, -0.1)).hasMessageContaining("background_tolerance");
    }

    @Test
    void eachSceneOfABatchHasItsOwn() {
        try (BaseStage stage = TinyStage.stage()) {
            List<BufferedImage> red = List.of(TinyStage.plain(Color.RED));
            Scene asDrawn = new Scene("a fox", "", List.of(), red, 1, 1, Finish.NONE);
            Scene even = new Scene("a fox", "", List.of(), red, 1, 1, new Finish(0, 0.5));
            SamplingConfig sampling = TinyStage.guided(0.5).startingAt(0.02); // nearly red
            List<BufferedImage> drawn = stage.draw(List.of(even, asDrawn, even), sampling, ProgressListener.NONE)
                    .images();
            int[] expected = pixels(new PlainBackground(Color.RED, 0.5).even(copy(drawn.get(1))));
            assertThat(expected).isNotEqualTo(pixels(drawn.get(1)));
            assertThat(pixels(drawn.get(0))).isEqualTo(expected);
            assertThat(pixels(drawn.get(2))).isEqualTo(expected);
            Scene onRed = new Scene("a fox on a red background", "", List.of(), red, 1, 1, new Finish(0, 0.5));
            assertThat(pixels(stage.draw(List.of(onRed), sampling, ProgressListener.NONE)
                            .images()
                            .getFirst()))
                    .containsOnly(Background.RED.color().getRGB());
        }
    }

    private static BufferedImage filled(int color) {
        BufferedImage picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < SIDE * SIDE; i++) {
            picture.setRGB(i % SIDE, i / SIDE, color);
        }
        return picture;
    }

    private static void ring(BufferedImage picture) {
        for (int i = 3; i <= 8; i++) {
            picture.setRGB(i, 3, DARK);
            picture.setRGB(i, 8, DARK);
            picture.setRGB(3, i, DARK);
            picture.setRGB(8, i, DARK);
        }
    }

    private static BufferedImage copy(BufferedImage picture) {
        BufferedImage copy = new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_RGB);
        copy.setRGB(0, 0, picture.getWidth(), picture.getHeight(), pixels(picture), 0, picture.getWidth());
        return copy;
    }

    private static int[] pixels(BufferedImage picture) {
        return TinyStage.pixels(picture);
    }
}
