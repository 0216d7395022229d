package org.reimagen.app;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A picture by which pairs are looked up, beside words or alone. */
final class PictureFlag {
    @Option(names = "--image", paramLabel = "FILE", description = "picture to look up pictures like it")
    private @Nullable Path file;

    /** Whether one is named. */
    boolean given() {
        return file != null;
    }

    /** The picture, or none. */
    @Nullable
    BufferedImage read() {
        return file == null ? null : PictureFile.read(file);
    }
}
