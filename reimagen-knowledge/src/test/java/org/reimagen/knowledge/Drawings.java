package org.reimagen.knowledge;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** Small pictures and pairs for tests. */
public final class Drawings {
    private Drawings() {}

    /** A square of 16 with a disc, different bytes for each number. */
    public static byte[] svg(int number) {
        return ("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\" width=\"16\" height=\"16\">"
                        + "<circle cx=\"8\" cy=\"8\" r=\"" + (3 + number % 5) + "\" fill=\"#" + "%06x".formatted(number)
                        + "\"/></svg>")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Pictures of 12 x 8 by libwebp 1.6.0, since the JDK writes no WebP. */
    private static final Map<String, String> WEBP = Map.of(
            "webp",
            "UklGRiYAAABXRUJQVlA4TBkAAAAvC8ABAA8wyPMf8x8cxILJ/Jm7Y4jof9AAAA==",
            "webp-lossy",
            "UklGRlwAAABXRUJQVlA4IFAAAADwAQCdASoMAAgAAoBCJbAC7AELYXZYiAAA/u+v06bn1P/4QvMgw4IaUzP8pV5lnd9/9N3PPllHyQAL"
                    + "/4xWvf8Ozqqs/jHJK+bQXhTz4kAAAA==",
            "webp-alpha",
            "UklGRooAAABXRUJQVlA4WAoAAAAQAAAACwAABwAAQUxQSBMAAAABDzD/ERFCSEBM8P8s0YWI/oc0AFZQOCBQAAAA8AEAnQEqDAAIAAKA"
                    + "QiWwAuwBC0/+C7AAAP7tL7oPD38v+XnbdQSsfML+2feP+EqT/9j34Csdc5k4iv/jFa9/w7Oqqz+Mckr5tBeFPPiQAAA=");

    /** A picture of 12 x 8 in a format that the JDK writes, or in one of {@link #WEBP}. */
    public static byte[] raster(String format) {
        String webp = WEBP.get(format);
        if (webp != null) {
            return Base64.getDecoder().decode(webp);
        }
        BufferedImage image = new BufferedImage(12, 8, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.ORANGE);
        graphics.fillRect(2, 1, 6, 5);
        graphics.dispose();
        try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            ImageIO.write(image, format, out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A pair with that id and drawing. */
    public static NewPair pair(String id, int number) {
        return pair(id, "drawing " + number, "plain", svg(number));
    }

    /** A pair with that caption, style and picture. */
    public static NewPair pair(String id, String caption, String style, byte[] original) {
        NewPair.Text text = new NewPair.Text(caption, caption, caption, style, List.of("round"));
        return new NewPair(id, text, new NewPair.Credit("MIT", "someone", "test"), original);
    }
}
