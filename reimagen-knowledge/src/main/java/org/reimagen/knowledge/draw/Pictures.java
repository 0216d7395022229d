package org.reimagen.knowledge.draw;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** Decoding, fitting and compositing of pictures. <b>Thread-safety</b>: stateless. */
public final class Pictures {
    /** Pictures of more pixels are refused before a single one is allocated. */
    public static final long MAX_PIXELS = 24L << 20;

    private static final List<String> READERS = List.of("com.sun.imageio.", "com.twelvemonkeys.imageio.");

    static {
        ImageIO.setUseCache(false);
    }

    private Pictures() {}

    /**
     * Decodes a raster picture.
     *
     * @param name names it in errors
     * @return ARGB at its own size, EXIF orientation applied
     * @throws PictureException in one line if it is broken, of an unknown format or over {@link #MAX_PIXELS}
     */
    public static BufferedImage decode(String name, byte[] bytes) {
        try (ImageInputStream in = new PictureStream(name, bytes)) {
            ImageReader reader =
                    reader(in).orElseThrow(() -> new PictureException(name + ": is no picture of a known format"));
            try {
                reader.setInput(in, true, true);
                checkSize(name, reader.getWidth(0), reader.getHeight(0));
                return Orientation.of(bytes).apply(argb(reader.read(0)));
            } finally {
                reader.dispose();
            }
        } catch (PictureException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new PictureException(
                    name + ": cannot be decoded: " + Objects.requireNonNullElse(e.getMessage(), "it is damaged"), e);
        }
    }

    /** A reader of the JDK's or of TwelveMonkeys'; one that came beside a native writer never sees a stranger's bytes. */
    private static Optional<ImageReader> reader(ImageInputStream in) {
        for (Iterator<ImageReader> readers = ImageIO.getImageReaders(in); readers.hasNext(); ) {
            ImageReader reader = readers.next();
            if (READERS.stream().anyMatch(reader.getClass().getName()::startsWith)) {
                return Optional.of(reader);
            }
            reader.dispose();
        }
        return Optional.empty();
    }

    /** Refuses a side of a square outside 1 to 8192. */
    static void checkSide(int size) {
        if (size < 1 || size > 8192) {
            throw new IllegalArgumentException("size must be in 1..8192, was " + size);
        }
    }

    private static void checkSize(String name, int width, int height) {
        if (width < 1 || height < 1 || (long) width * height > MAX_PIXELS) {
            throw new PictureException(
                    "%s: %d x %d pixels are over the budget of %d".formatted(name, width, height, MAX_PIXELS));
        }
    }

    private static BufferedImage argb(BufferedImage image) {
        return fill(image, image.getWidth(), image.getHeight(), 0, 0, image.getWidth(), image.getHeight());
    }

    /** The picture scaled to fit and centred in a square of {@code size} pixels, ARGB, transparent around it. */
    public static BufferedImage fit(BufferedImage image, int size) {
        checkSide(size);
        BufferedImage shrunk = halve(image, size);
        double scale = (double) size / Math.max(shrunk.getWidth(), shrunk.getHeight());
        int w = Math.max(1, (int) Math.round(shrunk.getWidth() * scale));
        int h = Math.max(1, (int) Math.round(shrunk.getHeight() * scale));
        return fill(shrunk, size, size, (size - w) / 2, (size - h) / 2, w, h);
    }

    /** Halves until less than twice the size is left, so that bilinear scaling does not alias. */
    private static BufferedImage halve(BufferedImage image, int size) {
        BufferedImage current = image;
        while (Math.max(current.getWidth(), current.getHeight()) >= 2 * size) {
            int w = Math.max(1, current.getWidth() / 2);
            int h = Math.max(1, current.getHeight() / 2);
            current = fill(current, w, h, 0, 0, w, h);
        }
        return current;
    }

    /** Whether nothing of the picture can be seen. */
    public static boolean isTransparent(BufferedImage argb) {
        int[] pixels = argb.getRGB(0, 0, argb.getWidth(), argb.getHeight(), null, 0, argb.getWidth());
        return Arrays.stream(pixels).allMatch(p -> p >>> 24 < 8);
    }

    private static BufferedImage fill(BufferedImage image, int width, int height, int x, int y, int w, int h) {
        BufferedImage target = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = target.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(image, x, y, w, h, null);
        graphics.dispose();
        return target;
    }

    /** The picture laid on {@code background}; TYPE_INT_RGB. */
    public static BufferedImage on(Color background, BufferedImage argb) {
        BufferedImage target = new BufferedImage(argb.getWidth(), argb.getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = target.createGraphics();
        graphics.drawImage(argb, 0, 0, background, null);
        graphics.dispose();
        return target;
    }

    /** RGB values in [-1,1], channel by channel: {@code [3*height*width]}. */
    public static float[] toChw(BufferedImage rgb) {
        int w = rgb.getWidth();
        int h = rgb.getHeight();
        int[] pixels = rgb.getRGB(0, 0, w, h, null, 0, w);
        float[] values = new float[3 * pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            values[i] = ((pixels[i] >> 16) & 255) / 127.5f - 1;
            values[pixels.length + i] = ((pixels[i] >> 8) & 255) / 127.5f - 1;
            values[2 * pixels.length + i] = (pixels[i] & 255) / 127.5f - 1;
        }
        return values;
    }

    /** A TYPE_INT_RGB picture from {@code [3*height*width]} values in [-1,1], clipped. */
    public static BufferedImage fromChw(float[] values, int width, int height) {
        int n = width * height;
        if (values.length != 3 * n) {
            throw new IllegalArgumentException(
                    "values must be 3*%d*%d, was %d".formatted(height, width, values.length));
        }
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < n; i++) {
            int rgb = channel(values[i]) << 16 | channel(values[n + i]) << 8 | channel(values[2 * n + i]);
            image.setRGB(i % width, i / width, rgb);
        }
        return image;
    }

    private static int channel(float value) {
        return Math.clamp(Math.round((value + 1) * 127.5f), 0, 255);
    }
}
