package org.reimagen.app;

import java.nio.file.Path;

/** Where the launcher keeps what the user does not name. */
final class Defaults {
    private Defaults() {}

    /** The default knowledge base. */
    static Path knowledgeBase() {
        return Path.of(System.getProperty("reimagen.kb", ".cache/kb/emoji"));
    }

    /** The model that the repository carries. */
    static Path model() {
        return Path.of(System.getProperty("reimagen.model", "models/emoji"));
    }

    /** The dual encoder that the repository carries. */
    static Path dualEncoder() {
        return Path.of(System.getProperty("reimagen.home", "."), "models", "emoji-clip");
    }

    /** The pictures that the server keeps. */
    static Path gallery() {
        return Path.of(System.getProperty("reimagen.gallery", ".cache/gallery"));
    }

    /** The fetched package that says what entities are called elsewhere. */
    static Path emojibase() {
        return Path.of(System.getProperty("reimagen.home", "."), "data", "node_modules", "emojibase-data");
    }

    static Path orElse(String given, Path otherwise) {
        return given.isEmpty() ? otherwise : Path.of(given);
    }
}
