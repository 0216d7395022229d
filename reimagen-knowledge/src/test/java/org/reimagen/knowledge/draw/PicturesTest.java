package org.reimagen.knowledge.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reimagen.knowledge.Drawings;

class PicturesTest {
    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp", "webp", "webp-lossy", "webp-alpha"})
    void twoHundredMalformedFilesAreRefusedInOneLineOrDecoded(String format) {
        byte[] sound = Drawings.raster(format);
        assertThat(Pictures.decode("sound", sound).getWidth()).isEqualTo(12);
        Random random = new Random(3);
        for (int i = 0; i < 200; i++) {
            byte[] damaged = i % 3 == 0 ? Arrays.copyOf(sound, random.nextInt(sound.length)) : sound.clone();
            for (int flips = random.nextInt(6); flips >= 0 && damaged.length > 0; flips--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            assertOneLineOrPicture(damaged);
        }
    }

    private static void assertOneLineOrPicture(byte[] bytes) {
        try {
            BufferedImage image = Pictures.decode("damaged", bytes);
            assertThat((long) image.getWidth() * image.getHeight()).isBetween(1L, Pictures.MAX_PIXELS);
        } catch (PictureException e) {
            assertThat(e)
                    .hasMessageStartingWith("damaged: ")
                    .hasMessageNotContaining("\n")
                    .hasMessageNotContaining("null");
        }
    }

    @Test
    void aPixelBombIsRefusedByItsHeader() {
        assertThatThrownBy(() -> Pictures.decode("bomb", withPngSize(Drawings.raster("png"), 60_000, 60_000)))
                .isInstanceOf(PictureException.class)
                .hasMessage("bomb: 60000 x 60000 pixels are over the budget of " + Pictures.MAX_PIXELS);
    }

    /** Its reader took every bit past the end for a zero, and 46 bytes kept it busy for 25 seconds. */
    @Test
    void aWebPThatEndsLongBeforeItsPixelsIsRefused() {
        byte[] hungry = Base64.getDecoder().decode("UklGRiaAAABXRUJQVlA4TBkAAAAvCxHeAA9GyPMf8x8cxILJ/Jm7Y4jof9AAqA==");
        assertThatThrownBy(() -> Pictures.decode("hungry", hungry))
                .isInstanceOf(PictureException.class)
                .hasMessage("hungry: cannot be decoded: it ends too early");
    }

    /** Where each of the three forms of WebP states its size: 14 bits less one, 14 bits, 24 bits less one. */
    @Test
    void aWebPBombIsRefusedByItsHeader() {
        byte[] lossless = Drawings.raster("webp");
        lossless[21] = lossless[22] = lossless[23] = (byte) 0xFF;
        lossless[24] |= 0x0F;
        assertBomb(lossless, "16384 x 16384");
        byte[] lossy = Drawings.raster("webp-lossy");
        lossy[26] = lossy[28] = (byte) 0xFF;
        lossy[27] = lossy[29] = 0x3F;
        assertBomb(lossy, "16383 x 16383");
        byte[] extended = Drawings.raster("webp-alpha");
        Arrays.fill(extended, 24, 30, (byte) 0xFF);
        assertBomb(extended, "16777216 x 16777216");
    }

    private static void assertBomb(byte[] bytes, String size) {
        assertThatThrownBy(() -> Pictures.decode("bomb", bytes))
                .isInstanceOf(PictureException.class)
                .hasMessage("bomb: " + size + " pixels are over the budget of " + Pictures.MAX_PIXELS);
    }

    private static byte[] withPngSize(byte[] png, int width, int height) {
        byte[] changed = png.clone();
        ByteBuffer buffer = ByteBuffer.wrap(changed).putInt(16, width).putInt(20, height);
        CRC32 crc = new CRC32();
        crc.update(changed, 12, 17);
        buffer.putInt(29, (int) crc.getValue());
        return changed;
    }

    @Test
    void aTallPictureIsCentredOnTransparency() {
        BufferedImage tall = new BufferedImage(10, 40, BufferedImage.TYPE_INT_ARGB);
        Arrays.stream(new int[] {0, 20, 39}).forEach(y -> tall.setRGB(5, y, Color.RED.getRGB()));
        BufferedImage square = Pictures.fit(tall, 20);
        assertThat(square.getWidth()).isEqualTo(20);
        assertThat(square.getHeight()).isEqualTo(20);
        assertThat(square.getRGB(1, 10) >>> 24).isZero();
        assertThat(square.getRGB(18, 10) >>> 24).isZero();
        assertThat(Pictures.isTransparent(square)).isFalse();
    }

    @Test
    void networkValuesAndBack() {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, 0xFF0080);
        image.setRGB(1, 0, 0x00FF01);
        float[] values = Pictures.toChw(image);
        assertThat(values[0]).isEqualTo(1f);
        assertThat(values[1]).isEqualTo(-1f);
        assertThat(Pictures.fromChw(values, 2, 1).getRGB(0, 0)).isEqualTo(0xFFFF0080);
        assertThatThrownBy(() -> Pictures.fromChw(values, 3, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void exifOrientationTurnsAJpeg() {
        byte[] jpeg = Drawings.raster("jpg");
        BufferedImage turned = Pictures.decode("turned", withOrientation(jpeg, 6));
        assertThat(turned.getWidth()).isEqualTo(8);
        assertThat(turned.getHeight()).isEqualTo(12);
        assertThat(Pictures.decode("upright", withOrientation(jpeg, 1)).getWidth())
                .isEqualTo(12);
    }

    private static byte[] withOrientation(byte[] jpeg, int value) {
        ByteBuffer exif = ByteBuffer.allocate(36);
        exif.put(new byte[] {(byte) 0xFF, (byte) 0xE1}).putShort((short) 34);
        exif.put("Exif\0\0MM".getBytes(StandardCharsets.ISO_8859_1))
                .putShort((short) 42)
                .putInt(8);
        exif.putShort((short) 1)
                .putShort((short) 0x0112)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) value);
        exif.putShort((short) 0).putInt(0);
        ByteBuffer all = ByteBuffer.allocate(jpeg.length + 36);
        return all.put(jpeg, 0, 2)
                .put(exif.array())
                .put(jpeg, 2, jpeg.length - 2)
                .array();
    }

    @Test
    void nearDuplicatesShareTheirHashAndOthersDoNot() {
        BufferedImage disc = VectorDrawing.parse("disc", Drawings.svg(0)).render(64);
        BufferedImage larger = VectorDrawing.parse("disc", Drawings.svg(0)).render(256);
        BufferedImage bars = VectorDrawing.parse("bars", svg("<path d='M0 2h16v3H0zM0 9h3v6H0z'/>"))
                .render(64);
        long hash = PerceptualHash.of(disc);
        assertThat(PerceptualHash.distance(hash, PerceptualHash.of(larger))).isLessThanOrEqualTo(PerceptualHash.NEAR);
        assertThat(PerceptualHash.distance(hash, PerceptualHash.of(bars))).isGreaterThan(PerceptualHash.NEAR);
    }

    @Test
    void vectorsAreDrawnAtTheSizeAskedOnTransparency() {
        VectorDrawing drawing = VectorDrawing.parse("disc", Drawings.svg(0));
        for (int size : new int[] {1, 16, 64, 300}) {
            BufferedImage image = drawing.render(size);
            assertThat(image.getWidth()).isEqualTo(size);
            assertThat(image.getType()).isEqualTo(BufferedImage.TYPE_INT_ARGB);
        }
        assertThat(drawing.render(64).getRGB(0, 0) >>> 24).isZero();
        assertThat(drawing.render(64).getRGB(32, 32)).isEqualTo(0xFF000000);
        assertThatThrownBy(() -> drawing.render(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<image href='http://127.0.0.1:9/x.png' width='16' height='16'/>",
                "<image href='file:///etc/hostname' width='16' height='16'/>",
                "<use href='http://127.0.0.1:9/x.svg#a'/>",
                "<script>throw 1</script>"
            })
    void strangersReferencesDrawNothing(String body) {
        BufferedImage image = VectorDrawing.parse("stranger", svg(body)).render(32);
        assertThat(Pictures.isTransparent(image)).isTrue();
    }

    @Test
    void entitiesAndEndlessNestingAreRefused() {
        byte[] entities = ("<!DOCTYPE svg [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>"
                        + "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"8\"><text>&b;</text></svg>")
                .getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> VectorDrawing.parse("laughs", entities))
                .isInstanceOf(PictureException.class)
                .hasMessageContaining("entities");
        byte[] deep = svg("<g>".repeat(20_000) + "</g>".repeat(20_000));
        assertThatThrownBy(() -> VectorDrawing.parse("deep", deep).render(16))
                .isInstanceOf(PictureException.class)
                .hasMessageNotContaining("\n");
    }

    private static byte[] svg(String body) {
        return ("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\" width=\"16\" height=\"16\">" + body
                        + "</svg>")
                .getBytes(StandardCharsets.UTF_8);
    }
}
