package org.reimagen.app;

import java.nio.file.Path;
import org.reimagen.knowledge.KnowledgeBase;
import picocli.CommandLine.Option;

/** The knowledge base that a command reads. */
final class KbFlag {
    @Option(names = "--kb", paramLabel = "FOLDER", description = "knowledge base (default: the emoji base)")
    private String folder = "";

    /** The folder, or the default one. */
    Path folder() {
        return Defaults.orElse(folder, Defaults.knowledgeBase());
    }

    /** The base. <b>Owns</b>: the caller. */
    KnowledgeBase open() {
        return KnowledgeBase.open(folder());
    }
}
