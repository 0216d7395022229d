package org.reimagen.knowledge;

import java.util.List;

/** A pair on its way into the base: what its source says of it, and the original's bytes. */
public final class NewPair {
    private static final int MAX_ID = 1024;

    private final String id;
    private final Text text;
    private final Credit credit;
    private final byte[] original;

    /**
     * A pair to add.
     *
     * @param id unique in the base
     * @param text what is said of the picture
     * @param credit whose it is
     * @param original the file's bytes: SVG, PNG, JPEG, WebP, GIF or BMP; not copied
     */
    public NewPair(String id, Text text, Credit credit, byte[] original) {
        if (id.isBlank() || id.length() > MAX_ID || !id.equals(id.strip())) {
            throw new KnowledgeException("id must be 1 to %d characters without blanks around, was '%s'"
                    .formatted(MAX_ID, id.length() > 80 ? id.substring(0, 80) + "…" : id));
        }
        this.id = id;
        this.text = text;
        this.credit = credit;
        this.original = original;
    }

    /** Unique in the base. */
    public String id() {
        return id;
    }

    /** What is said of the picture. */
    public Text text() {
        return text;
    }

    /** Whose it is. */
    public Credit credit() {
        return credit;
    }

    /** The file's bytes; not a copy. */
    byte[] original() {
        return original;
    }

    /** Whether adding this would change nothing in the base that holds {@code pair}. */
    boolean saysTheSameAs(Pair pair, String sha256) {
        return pair.sha256().equals(sha256)
                && new Text(pair.caption(), pair.title(), pair.entity(), pair.style(), pair.tags()).equals(text)
                && new Credit(pair.licence(), pair.author(), pair.source()).equals(credit);
    }

    /** The pair that this becomes with what was seen of its picture. */
    Pair toPair(Inspection.Look look) {
        return new Pair(
                id,
                text.caption(),
                text.title(),
                text.entity(),
                text.style(),
                text.tags(),
                credit.licence(),
                credit.author(),
                credit.source(),
                look.sha256(),
                look.vector(),
                look.width(),
                look.height(),
                look.perceptualHash());
    }

    /**
     * What is said of a picture; see {@link Pair} for the fields.
     */
    public record Text(String caption, String title, String entity, String style, List<String> tags) {
        /** The tags are copied. */
        public Text {
            tags = tags.stream()
                    .map(t -> t.replace('\n', ' ').strip())
                    .filter(t -> !t.isEmpty())
                    .distinct()
                    .toList();
        }

        /** A caption alone; it serves as title and entity too. */
        public static Text of(String caption) {
            return new Text(caption, caption, caption, "", List.of());
        }
    }

    /**
     * Whose a picture is.
     *
     * @param licence SPDX identifier
     */
    public record Credit(String licence, String author, String source) {
        /** Nothing known but the source. */
        public static Credit unknown(String source) {
            return new Credit("NOASSERTION", "", source);
        }
    }
}
