package org.reimagen.knowledge.ingest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.NewPair;

/** Turns a table's row of named columns into a pair. */
final class Records {
    private static final Set<String> PICTURES = Set.of("png", "jpg", "jpeg", "webp", "gif", "bmp", "svg");

    private Records() {}

    static boolean isPicture(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return PICTURES.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    /**
     * A pair from columns {@code file_name} and {@code text} (or {@code caption}), and, where present, {@code id, title,
     * entity, style, tags, licence, author, source}.
     *
     * @param folder that {@code file_name} is relative to and must stay inside
     */
    static NewPair toPair(Path folder, Map<String, String> row) {
        String file = first(row, "file_name", "image", "image_path", "file");
        String caption = first(row, "text", "caption");
        if (file.isEmpty() || caption.isEmpty()) {
            throw new KnowledgeException("a row needs file_name and text");
        }
        Path path = folder.resolve(file).normalize();
        if (!path.startsWith(folder.normalize())) {
            throw new KnowledgeException(file + ": lies outside " + folder);
        }
        String title = orElse(first(row, "title"), caption);
        List<String> tags = Arrays.stream(first(row, "tags").split("[,;|]"))
                .map(String::strip)
                .filter(t -> !t.isEmpty())
                .toList();
        return new NewPair(
                orElse(first(row, "id"), file),
                new NewPair.Text(caption, title, orElse(first(row, "entity"), title), first(row, "style"), tags),
                new NewPair.Credit(
                        orElse(first(row, "licence", "license"), "NOASSERTION"),
                        first(row, "author"),
                        orElse(first(row, "source", "url"), file)),
                read(path));
    }

    static byte[] read(Path file) {
        try {
            if (Files.size(file) > org.reimagen.knowledge.KnowledgeBaseWriter.MAX_BYTES) {
                throw new KnowledgeException(file + ": is larger than 64 MiB");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new KnowledgeException(file + ": cannot be read", e);
        }
    }

    private static String first(Map<String, String> row, String... names) {
        for (String name : names) {
            String value = row.get(name);
            if (value != null && !value.isBlank()) {
                return value.strip();
            }
        }
        return "";
    }

    private static String orElse(String value, String otherwise) {
        return value.isEmpty() ? otherwise : value;
    }
}
