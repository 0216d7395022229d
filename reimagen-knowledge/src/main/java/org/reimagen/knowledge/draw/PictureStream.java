package org.reimagen.knowledge.draw;

import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A picture's bytes for a reader, which may read past their end only so often.
 *
 * <p>The reader of lossless WebP takes every bit past the end for a zero, at the cost of an exception each: 46 damaged bytes whose
 * header tells of four million pixels kept it busy for 25 seconds. Sound files of that kind were seen to read past their end at most 51
 * times, since the last eight bytes are looked ahead at. <b>Thread-safety</b>: one thread.
 */
final class PictureStream extends ImageInputStreamImpl {
    private static final int MAX_PAST_END = 1024;

    private final String name;
    private final byte[] bytes;
    private int pastEnd;

    /** Over {@code bytes}, which are not copied; {@code name} names the picture in errors. */
    PictureStream(String name, byte[] bytes) {
        this.name = name;
        this.bytes = bytes;
    }

    /** @throws PictureException if the end was passed too often */
    @Override
    public int read() {
        bitOffset = 0;
        return ended() ? -1 : bytes[(int) streamPos++] & 255;
    }

    /** @throws PictureException if the end was passed too often */
    @Override
    public int read(byte[] target, int offset, int length) {
        bitOffset = 0;
        if (length == 0) {
            return 0;
        }
        if (ended()) {
            return -1;
        }
        int count = (int) Math.min(length, bytes.length - streamPos);
        System.arraycopy(bytes, (int) streamPos, target, offset, count);
        streamPos += count;
        return count;
    }

    private boolean ended() {
        if (streamPos < bytes.length) {
            return false;
        }
        pastEnd++;
        if (pastEnd > MAX_PAST_END) {
            throw new PictureException(name + ": cannot be decoded: it ends too early");
        }
        return true;
    }

    @Override
    public long length() {
        return bytes.length;
    }
}
