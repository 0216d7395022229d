package org.reimagen.server.job;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reimagen.knowledge.retrieval.Neighbor;

/**
 * A finished drawing.
 *
 * @param pictures one a seed, in order
 * @param neighbors read from the knowledge base, nearest first
 * @param millis time by stage
 */
public record Drawing(List<Picture> pictures, List<Neighbor> neighbors, Map<String, Long> millis) {
    /** The collections are copied. */
    public Drawing {
        pictures = List.copyOf(pictures);
        neighbors = List.copyOf(neighbors);
        millis = Map.copyOf(millis);
    }

    /**
     * One picture.
     *
     * @param galleryId under which it is kept, or null
     */
    public record Picture(
            PngFile file,
            long seed,
            double copyScore,
            int resolution,
            @Nullable String galleryId) {}

    /** A PNG. */
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
