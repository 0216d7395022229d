package org.reimagen.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.knowledge.HashFile;

/**
 * A model's hash, worked out once as long as its files stay as they are.
 *
 * <p>It takes a second to hash the weights before the JVM has warmed up. Where the system property {@value #FOLDER} names a folder, the
 * hash is kept there together with what the file system says of each file: its number, its size and when it was last changed, which
 * nobody can set back.
 */
final class ModelHash {
    /** System property: the folder to keep hashes in; none, and nothing is kept. */
    static final String FOLDER = "reimagen.hashes";

    private static final List<String> KEPT = List.of("ino", "size", "ctime");

    /** A file may change again within the tick of the clock that it changed at; what changed so lately is not kept. */
    private static final Duration TICK = Duration.ofSeconds(1);

    private ModelHash() {}

    /** As {@link ModelFolder#modelHash}. */
    static String of(ModelFolder model) {
        return of(model, Instant.now());
    }

    /** The same, asked at {@code now}. */
    static String of(ModelFolder model, Instant now) {
        String folder = System.getProperty(FOLDER, "");
        Optional<String> state = folder.isEmpty() ? Optional.empty() : state(model, now.minus(TICK));
        if (state.isEmpty()) {
            return model.modelHash();
        }
        return new HashFile(kept(Path.of(folder), model), state.get()).orElse(model::modelHash);
    }

    private static Path kept(Path folder, ModelFolder model) {
        try {
            Files.createDirectories(folder);
            String path = model.folder().toRealPath().toString();
            return folder.resolve("model-%08x".formatted(path.hashCode()));
        } catch (IOException e) {
            throw new ReImagenException(folder + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /** What tells this state of the model's files, all older than {@code young}, from every other; nothing where that cannot be told. */
    private static Optional<String> state(ModelFolder model, Instant young) {
        List<String> files = new ArrayList<>();
        for (Path weights : model.hashed()) {
            if (!weights.getFileSystem().supportedFileAttributeViews().contains("unix")) {
                return Optional.empty();
            }
            try {
                Map<String, Object> said = Files.readAttributes(weights, "unix:" + String.join(",", KEPT));
                if (said.get("ctime") instanceof FileTime changed
                        && changed.toInstant().isAfter(young)) {
                    return Optional.empty();
                }
                KEPT.forEach(name -> files.add(String.valueOf(said.get(name))));
            } catch (IOException e) {
                throw new ReImagenException(weights + ": cannot be read: " + e.getMessage(), e);
            }
        }
        return Optional.of(String.join(",", files));
    }
}
