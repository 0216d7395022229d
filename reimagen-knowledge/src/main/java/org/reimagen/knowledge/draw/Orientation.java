package org.reimagen.knowledge.draw;

import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The EXIF orientation of a JPEG, 1 to 8; everything else of the EXIF block, such as a position, is dropped.
 *
 * @param value 1 is upright
 */
record Orientation(int value) {
    private static final int TAG = 0x0112;

    /** The orientation that a file's bytes name; upright where they name none. */
    static Orientation of(byte[] bytes) {
        if (bytes.length < 4 || (bytes[0] & 255) != 0xFF || (bytes[1] & 255) != 0xD8) {
            return new Orientation(1);
        }
        int at = 2;
        while (at + 10 < bytes.length && (bytes[at] & 255) == 0xFF && (bytes[at + 1] & 255) != 0xDA) {
            int length = (bytes[at + 2] & 255) << 8 | (bytes[at + 3] & 255);
            if ((bytes[at + 1] & 255) == 0xE1 && isExif(bytes, at + 4)) {
                int end = Math.min(bytes.length, at + 2 + length);
                return new Orientation(
                        inTiff(ByteBuffer.wrap(bytes, at + 10, end - at - 10).slice()));
            }
            at += 2 + Math.max(2, length);
        }
        return new Orientation(1);
    }

    private static boolean isExif(byte[] bytes, int at) {
        return bytes.length > at + 6
                && bytes[at] == 'E'
                && bytes[at + 1] == 'x'
                && bytes[at + 2] == 'i'
                && bytes[at + 3] == 'f';
    }

    private static int inTiff(ByteBuffer tiff) {
        if (tiff.remaining() < 8) {
            return 1;
        }
        tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int directory = tiff.getInt(4);
        if (directory < 0 || directory > tiff.limit() - 2) {
            return 1;
        }
        int entries = tiff.getShort(directory) & 0xFFFF;
        for (int i = 0; i < entries && directory + 2 + 12 * (i + 1) <= tiff.limit(); i++) {
            int entry = directory + 2 + 12 * i;
            if ((tiff.getShort(entry) & 0xFFFF) == TAG) {
                int value = tiff.getShort(entry + 8) & 0xFFFF;
                return value >= 1 && value <= 8 ? value : 1;
            }
        }
        return 1;
    }

    /** The picture turned upright. */
    BufferedImage apply(BufferedImage image) {
        if (value == 1) {
            return image;
        }
        int w = image.getWidth();
        int h = image.getHeight();
        boolean swapped = value >= 5;
        BufferedImage upright = new BufferedImage(swapped ? h : w, swapped ? w : h, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = upright.createGraphics();
        graphics.drawImage(image, transform(w, h), null);
        graphics.dispose();
        return upright;
    }

    private AffineTransform transform(int w, int h) {
        return switch (value) {
            case 2 -> new AffineTransform(-1, 0, 0, 1, w, 0);
            case 3 -> new AffineTransform(-1, 0, 0, -1, w, h);
            case 4 -> new AffineTransform(1, 0, 0, -1, 0, h);
            case 5 -> new AffineTransform(0, 1, 1, 0, 0, 0);
            case 6 -> new AffineTransform(0, 1, -1, 0, h, 0);
            case 7 -> new AffineTransform(0, -1, -1, 0, h, w);
            case 8 -> new AffineTransform(0, -1, 1, 0, 0, w);
            default -> new AffineTransform();
        };
    }
}
