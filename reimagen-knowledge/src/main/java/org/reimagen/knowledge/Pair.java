package org.reimagen.knowledge;

import java.util.List;

/**
 * One (picture, text) pair of a knowledge base and everything that travels with it.
 *
 * @param id unique in the base, such as {@code noto/flamingo}
 * @param caption the text that is searched and encoded
 * @param title short name to show
 * @param entity what is pictured, the same for every picture of it; may equal the title
 * @param style how it is drawn, such as {@code noto}; empty if unknown
 * @param tags further search words
 * @param licence SPDX identifier, {@code NOASSERTION} if unknown
 * @param author who made it; empty if unknown
 * @param source where it came from: a package, file or address
 * @param sha256 of the original's bytes, lower-case hex
 * @param vector whether the original is SVG, drawn at the size asked
 * @param width of the original in pixels or SVG units
 * @param height likewise
 * @param perceptualHash {@link org.reimagen.knowledge.draw.PerceptualHash} of the picture on white, for near-duplicates
 */
public record Pair(
        String id,
        String caption,
        String title,
        String entity,
        String style,
        List<String> tags,
        String licence,
        String author,
        String source,
        String sha256,
        boolean vector,
        int width,
        int height,
        long perceptualHash) {
    /** The tags are copied. */
    public Pair {
        tags = List.copyOf(tags);
    }
}
