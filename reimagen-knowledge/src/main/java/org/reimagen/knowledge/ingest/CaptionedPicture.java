package org.reimagen.knowledge.ingest;

/**
 * One picture of a data set with what is said of it.
 *
 * @param id unique in the data set
 * @param caption first of its captions
 * @param title short name; the caption where there is none
 * @param source where it came from, such as an address
 * @param bytes reads the file
 */
public record CaptionedPicture(String id, String caption, String title, String source, Bytes bytes) {
    /** Reads a picture when it is wanted, so that no data set is held in memory whole. */
    @FunctionalInterface
    public interface Bytes {
        /**
         * The file's bytes.
         *
         * @throws org.reimagen.knowledge.KnowledgeException naming the file or line, if it cannot be read
         */
        byte[] read();
    }
}
