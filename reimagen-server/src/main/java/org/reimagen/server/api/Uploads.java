package org.reimagen.server.api;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import org.reimagen.knowledge.draw.PictureException;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.server.http.ApiException;

/**
 * Pictures that clients send: decoded one at a time within {@link Pictures#MAX_PIXELS}, which is checked before anything is
 * allocated, and shrunk at once. Vectors are not read. <b>Thread-safety</b>: safe.
 */
final class Uploads {
    private static final int SIDE = 256;

    private final Semaphore one = new Semaphore(1);

    /**
     * A picture in a square of 256 pixels on white.
     *
     * @param param names it in errors
     * @throws ApiException 400 in one line if it is no picture or too large
     */
    BufferedImage decode(String param, byte[] bytes) {
        one.acquireUninterruptibly();
        try {
            return Pictures.on(Color.WHITE, Pictures.fit(Pictures.decode(param, bytes), SIDE));
        } catch (PictureException e) {
            throw ApiException.invalid(
                    param, String.valueOf(e.getMessage()).lines().findFirst().orElse(param));
        } finally {
            one.release();
        }
    }

    /** Bytes of Base64 text, with or without {@code data:…;base64,} before it. */
    static byte[] base64(String param, String text) {
        int comma = text.startsWith("data:") ? text.indexOf(',') + 1 : 0;
        try {
            return Base64.getDecoder().decode(text.substring(comma));
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid(param, param + " is not Base64");
        }
    }
}
