package org.reimagen.knowledge.ingest;

import java.util.function.Consumer;
import org.reimagen.knowledge.NewPair;

/** Where pairs come from. One use; items are handed out one by one, so that no source is held in memory whole. */
public interface Source {
    /**
     * Hands out every pair, and every item that is none.
     *
     * @throws org.reimagen.knowledge.KnowledgeException if the source as a whole cannot be read
     */
    void forEach(Consumer<NewPair> pairs, Consumer<Rejected> rejected);

    /**
     * An item that did not go in.
     *
     * @param item its file, line or name
     * @param reason one line
     */
    record Rejected(String item, String reason) {}
}
