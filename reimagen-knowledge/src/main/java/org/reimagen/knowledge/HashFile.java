package org.reimagen.knowledge;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps a hash that takes long to work out, such as that of a base of many pairs, so that it is worked out once.
 *
 * <p>One line: the state that was hashed, by an id that no other state has, and the hash. A file of another state, a torn one and none
 * are all the same: the hash is worked out anew. <b>Thread-safety</b>: safe, between processes too.
 */
public final class HashFile {
    private static final Pattern LINE = Pattern.compile("([0-9a-zA-Z.:,-]+) ([0-9a-f]{64})\n");

    private final Path file;
    private final String state;

    /**
     * What {@code file} says of one state.
     *
     * @param state its id: letters, digits and any of {@code .:,-}
     */
    public HashFile(Path file, String state) {
        this.file = file;
        this.state = state;
    }

    /**
     * The hash that is kept of this state; else {@code hash}, which is kept where the folder can be written.
     *
     * @throws KnowledgeException naming the file if it cannot be read or written all the same
     */
    public String orElse(Supplier<String> hash) {
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
            if (!Files.isReadable(file)) {
                return Optional.empty();
            }
            Matcher line = LINE.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
            return line.matches() && line.group(1).equals(state) ? Optional.of(line.group(2)) : Optional.empty();
        } catch (IOException e) {
            throw new KnowledgeException(file + ": cannot be read: " + Reasons.of(e), e);
        }
    }

    private void keep(String hash) {
        try {
            Path aside = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp");
            try {
                Files.writeString(
                        aside, state + " " + hash + "\n"); // readable by whoever may read the folder's other files
                Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(aside);
            }
        } catch (IOException e) {
            throw new KnowledgeException(file + ": cannot be written: " + Reasons.of(e), e);
        }
    }
}
