package org.reimagen.app;

import java.nio.file.Path;
import org.reimagen.knowledge.NewPair;
import picocli.CommandLine.Option;

/** Whose the pictures of a source are, where the source does not say. */
final class CreditFlags {
    @Option(
            names = "--licence",
            defaultValue = "NOASSERTION",
            description = "SPDX licence of what --from holds (${DEFAULT-VALUE})")
    private String licence = "NOASSERTION";

    @Option(names = "--author", defaultValue = "", description = "author of what --from holds")
    private String author = "";

    /** The credit of a source's pictures. */
    NewPair.Credit of(Path source) {
        return new NewPair.Credit(licence, author, String.valueOf(source.getFileName()));
    }
}
