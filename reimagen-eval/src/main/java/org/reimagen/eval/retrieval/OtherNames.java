package org.reimagen.eval.retrieval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.reimagen.core.ReImagenException;

/** What chat programs call an emoji, from the shortcodes of the emojibase-data package. */
public final class OtherNames {
    private static final List<String> VOCABULARIES = List.of("emojibase", "github", "iamcal", "joypixels", "cldr");
    private static final int SHORTEST = 4;

    private final Map<String, Set<String>> byLabel = new HashMap<>();

    /**
     * Reads the English names.
     *
     * @param folder of the package
     * @throws ReImagenException naming the file that is missing or broken
     */
    public OtherNames(Path folder) {
        Map<String, String> labels = new HashMap<>();
        for (JsonNode emoji : json(folder.resolve("en/data.json"))) {
            labels.put(
                    emoji.path("hexcode").asText(), emoji.path("label").asText().toLowerCase(Locale.ROOT));
        }
        for (String vocabulary : VOCABULARIES) {
            json(folder.resolve("en/shortcodes/" + vocabulary + ".json"))
                    .properties()
                    .forEach(entry -> {
                        String label = labels.get(entry.getKey());
                        if (label != null) {
                            add(label, entry.getValue());
                        }
                    });
        }
    }

    private void add(String label, JsonNode names) {
        if (names.isArray()) {
            names.forEach(name -> add(label, name));
            return;
        }
        String name =
                names.asText().replaceAll("[_-]", " ").replaceAll("\\d+$", "").strip();
        if (name.length() >= SHORTEST) {
            byLabel.computeIfAbsent(label, l -> new TreeSet<>()).add(name.toLowerCase(Locale.ROOT));
        }
    }

    /** All names of what has this lower-case label, in order. */
    public Set<String> of(String label) {
        return byLabel.getOrDefault(label, Set.of());
    }

    private static JsonNode json(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ReImagenException(file + ": no such file");
        }
        try {
            return new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new ReImagenException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
