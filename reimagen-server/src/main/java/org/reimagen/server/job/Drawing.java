package org.reimagen.server.job;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reimagen.pipeline.GenerationResult;

/**
 * A finished drawing.
 *
 * @param result as the pipeline gave it
 * @param pictures one a seed, in order
 */
public record Drawing(GenerationResult result, List<Picture> pictures) {
    /** The list is copied. */
    public Drawing {
        pictures = List.copyOf(pictures);
    }

    /**
     * One picture.
     *
     * @param file its bytes
     * @param galleryId under which it is kept, or null
     */
    public record Picture(
            PngFile file,
            long seed,
            double copyScore,
            int resolution,
            @Nullable String galleryId) {}

    /** A PNG with its metadata. */
    public static final class PngFile {
        private final byte[] bytes;

        /** A file of these bytes, not copied. */
        public PngFile(byte[] bytes) {
            this.bytes = bytes;
        }

        /** The bytes, not a copy. */
        public byte[] bytes() {
            return bytes;
        }
    }
}
