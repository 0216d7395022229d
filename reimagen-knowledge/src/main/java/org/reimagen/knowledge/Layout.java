package org.reimagen.knowledge;

import java.nio.file.Path;

/** Where a base keeps what, inside its folder. */
final class Layout {
    private Layout() {}

    /** The Lucene index. */
    static Path index(Path folder) {
        return folder.resolve("index");
    }

    /** The originals, content-addressed: {@code originals/ab/abcdef…}. */
    static Path originals(Path folder) {
        return folder.resolve("originals");
    }

    /** Stands while a writer is open; one found at opening tells of a writer that was killed. */
    static Path unfinished(Path folder) {
        return folder.resolve("unfinished");
    }

    /** What a {@link HashFile} keeps. */
    static Path hash(Path folder) {
        return folder.resolve("hash");
    }

    /** Where originals are written before they are renamed; emptied by the next writer. */
    static Path temporary(Path folder) {
        return folder.resolve("tmp");
    }
}
