package org.reimagen.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FlatAreasTest {
    private static final int GREY = 0xFF808080;
    private static final int MOTTLE = 0xFF818180;

    @Test
    void onlyWhereThePixelsAroundAreTheSame() {
        BufferedImage low = filled(5, GREY);
        low.setRGB(4, 0, MOTTLE);
        BufferedImage large = filled(10, MOTTLE);
        FlatAreas.keep(low, large);
        for (int y = 0; y < 10; y++) {
            for (int x = 0; x < 10; x++) {
                boolean beside = x / 2 >= 3 && y / 2 <= 1;
                assertThat(large.getRGB(x, y)).as("%d, %d", x, y).isEqualTo(beside ? MOTTLE : GREY);
            }
        }
    }

    @Property(tries = 100)
    void whatIsEnlargedWithoutMottleStaysAsItIs(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int factor) {
        Random random = new Random(seed);
        int side = 6;
        BufferedImage low = filled(side, GREY);
        BufferedImage large = filled(side * factor, GREY);
        for (int i = random.nextInt(5); i > 0; i--) {
            int x = random.nextInt(side);
            int y = random.nextInt(side);
            int color = random.nextInt() | 0xFF000000;
            low.setRGB(x, y, color);
            for (int p = 0; p < factor * factor; p++) {
                large.setRGB(x * factor + p % factor, y * factor + p / factor, color);
            }
        }
        int[] before = TinyStage.pixels(large);
        FlatAreas.keep(low, large);
        assertThat(TinyStage.pixels(large)).isEqualTo(before);
    }

    private static BufferedImage filled(int side, int color) {
        BufferedImage picture = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < side * side; i++) {
            picture.setRGB(i % side, i / side, color);
        }
        return picture;
    }
}
