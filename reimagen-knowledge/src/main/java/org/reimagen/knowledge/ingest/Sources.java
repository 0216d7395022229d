package org.reimagen.knowledge.ingest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.NewPair;

/** Recognises what lies at a path: a table, an icon set, a folder of packages, or a folder of pictures. */
public final class Sources {
    private Sources() {}

    /**
     * The source at {@code path}.
     *
     * <p>A file is a table. A folder with {@code icons.json} is an icon set; one with {@code @iconify-json} inside holds
     * several, and emojibase's labels; one with {@code metadata.jsonl} is read by that; any other is a folder of pictures.
     *
     * @param credit for pictures whose source names no licence
     */
    public static Source at(Path path, NewPair.Credit credit) {
        if (Files.isRegularFile(path)) {
            return new TableSource(path);
        }
        if (!Files.isDirectory(path)) {
            throw new KnowledgeException(path + ": no such file or folder");
        }
        if (Files.isRegularFile(path.resolve("icons.json"))) {
            return new IconSetSource(
                    List.of(path), path.resolve("../../emojibase-data").normalize());
        }
        if (Files.isDirectory(path.resolve("@iconify-json"))) {
            return new IconSetSource(folders(path.resolve("@iconify-json")), path.resolve("emojibase-data"));
        }
        if (Files.isRegularFile(path.resolve("metadata.jsonl"))) {
            return new TableSource(path.resolve("metadata.jsonl"));
        }
        return new FolderSource(path, credit);
    }

    private static List<Path> folders(Path parent) {
        try (Stream<Path> all = Files.list(parent)) {
            return all.filter(Files::isDirectory).sorted().toList();
        } catch (IOException e) {
            throw new KnowledgeException(parent + ": cannot be listed: " + e.getMessage(), e);
        }
    }
}
