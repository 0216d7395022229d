package org.reimagen.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ImageQualityTest {
    @Test
    void aConstantErrorHasItsTextbookPsnr() {
        assertThat(ImageQuality.psnr(plain(100), plain(110))).isCloseTo(10 * Math.log10(65025 / 100.0), within(1e-9));
        assertThat(ImageQuality.psnr(plain(100), plain(100))).isEqualTo(100);
    }

    @Test
    void blurLosesSharpnessAndRaisesGradientDeviation() {
        BufferedImage truth = blocks(64);
        BufferedImage blurred = Enlargement.BICUBIC.apply(shrink(shrink(truth)), 4);
        assertThat(ImageQuality.gmsd(truth, truth)).isZero();
        assertThat(ImageQuality.gmsd(blurred, truth)).isGreaterThan(0.01);
        assertThat(ImageQuality.sharpness(blurred)).isLessThan(0.9 * ImageQuality.sharpness(truth));
    }

    @ParameterizedTest
    @EnumSource(Enlargement.class)
    void enlargementKeepsPlainPicturesAndTheirMeans(Enlargement enlargement) {
        BufferedImage large = enlargement.apply(plain(77), 4);
        assertThat(large.getWidth()).isEqualTo(256);
        assertThat(ImageQuality.psnr(large, enlargement.apply(plain(77), 4))).isEqualTo(100);
        assertThat(large.getRGB(130, 7) & 255).isEqualTo(77);
        BufferedImage back = shrink(shrink(enlargement.apply(blocks(32), 4)));
        assertThat(ImageQuality.psnr(back, blocks(32))).isGreaterThan(25);
    }

    private static BufferedImage plain(int grey) {
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 64 * 64; i++) {
            image.setRGB(i % 64, i / 64, grey * 0x010101);
        }
        return image;
    }

    private static BufferedImage blocks(int side) {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                image.setRGB(x, y, ((x + 1) / 8 * 3 + (y + 3) / 8 * 5) % 4 * 0x404040);
            }
        }
        return image;
    }

    private static BufferedImage shrink(BufferedImage image) {
        int half = image.getWidth() / 2;
        BufferedImage small = new BufferedImage(half, half, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < half; y++) {
            for (int x = 0; x < half; x++) {
                int rgb = 0;
                for (int shift = 16; shift >= 0; shift -= 8) {
                    int sum = 0;
                    for (int k = 0; k < 4; k++) {
                        sum += (image.getRGB(2 * x + k % 2, 2 * y + k / 2) >> shift) & 255;
                    }
                    rgb |= (sum / 4) << shift;
                }
                small.setRGB(x, y, rgb);
            }
        }
        return small;
    }
}
