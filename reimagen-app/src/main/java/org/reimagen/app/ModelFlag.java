package org.reimagen.app;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The model that a command draws with, measures or starts from. */
final class ModelFlag {
    @Option(names = "--model", paramLabel = "FOLDER", description = "model (default: models/emoji)")
    private String folder = "";

    /** The folder, or the default one. */
    Path folder() {
        return Defaults.orElse(folder, Defaults.model());
    }
}
