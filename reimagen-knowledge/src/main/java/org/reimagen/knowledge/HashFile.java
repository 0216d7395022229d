package org.reimagen.knowledge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps the hash of a base beside its index, so that a base of many pairs need not be read whole whenever it is opened.
 *
 * <p>One line: the id of the commit that was hashed, which no other commit has, and the hash. A file of another commit, a torn one and
 * none are all the same: the hash is worked out anew. <b>Thread-safety</b>: safe, between processes too.
 */
final class HashFile {
    private static final Pattern LINE = Pattern.compile("([0-9a-z]+) ([0-9a-f]{64})\n");

    private final Path file;
    private final String commit;

    /** The file {@code file} as it concerns the commit of this id. */
    HashFile(Path file, String commit) {
        this.file = file;
        this.commit = commit;
    }

    /** The hash that is kept of this commit; else {@code hash}, which is kept where the folder can be written. */
    String orElse(Supplier<String> hash) {
        return kept().orElseGet(() -> {
            String fresh = hash.get();
            if (Files.isWritable(folder())) {
                keep(fresh);
            }
            return fresh;
        });
    }

    private Path folder() {
        return file.toAbsolutePath().resolveSibling("");
    }

    private Optional<String> kept() {
        try {
            if (!Files.isRegularFile(file)) {
                return Optional.empty();
            }
            Matcher line = LINE.matcher(Files.readString(file));
            return line.matches() && line.group(1).equals(commit) ? Optional.of(line.group(2)) : Optional.empty();
        } catch (IOException e) {
            throw new KnowledgeException(file + ": cannot be read: " + Reasons.of(e), e);
        }
    }

    private void keep(String hash) {
        try {
            Path aside = Files.createTempFile(folder(), ".hash", ".tmp");
            Files.writeString(aside, commit + " " + hash + "\n");
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new KnowledgeException(file + ": cannot be written: " + Reasons.of(e), e);
        }
    }
}
