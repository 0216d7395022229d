package org.reimagen.server.api;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** Turns our PNGs into JPEGs and WebPs. Only a PNG carries metadata. */
final class Encoding {
    private Encoding() {}

    /** The file in the format asked: {@code png}, {@code jpeg} or {@code webp}. */
    static byte[] as(String format, int compression, byte[] png) {
        float quality = compression / 100f;
        try {
            return switch (format) {
                case "png" -> png;
                case "webp" -> write(WebP.writer(), WebP.param(quality), png);
                default -> jpeg(quality, png);
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] jpeg(float quality, byte[] png) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam param = writer.getDefaultWriteParam();
        param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        param.setCompressionQuality(quality);
        return write(writer, param, png);
    }

    private static byte[] write(ImageWriter writer, ImageWriteParam param, byte[] png) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
            writer.setOutput(stream);
            writer.write(null, new IIOImage(image, null, null), param);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }
}
