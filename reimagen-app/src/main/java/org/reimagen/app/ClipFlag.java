package org.reimagen.app;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.Vectors;
import picocli.CommandLine.Option;

/** The dual encoder whose vectors are made, searched or measured; a flag of every command that does one of these. */
final class ClipFlag {
    @Option(
            names = "--clip",
            paramLabel = "FOLDER",
            description = "dual encoder whose vectors to take: a folder of train clip, such as models/emoji-clip,"
                    + " or a CLIP in ONNX form")
    private @Nullable Path folder;

    /** The folder, if one is named. */
    @Nullable
    Path folder() {
        return folder;
    }

    /** The folder, or {@code otherwise} if none is named. */
    Path orElse(Path otherwise) {
        return folder == null ? otherwise : folder;
    }

    /**
     * The vectors of the dual encoder, or of captions and outlines.
     *
     * @param encoder stays the caller's
     */
    Vectors open(TextEncoder encoder) {
        return Vectors.open(folder, encoder);
    }
}
