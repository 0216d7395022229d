package org.reimagen.eval.entitydraw;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.reimagen.core.ReImagenException;
import org.reimagen.eval.Frequency;

/** Sets of prompts: a table of tab-separated {@code category}, {@code frequency}, {@code entity}. */
public final class PromptSet {
    private static final Set<String> FREQUENCIES =
            Arrays.stream(Frequency.values()).map(Frequency::toString).collect(Collectors.toSet());
    private static final String HEADER = "category\tfrequency\tentity";

    private PromptSet() {}

    /**
     * A set that the library carries.
     *
     * @param name {@code emoji}, for the default knowledge base, or {@code photographic}
     * @throws ReImagenException if there is none of this name
     */
    public static List<Prompt> named(String name) {
        try (InputStream in = PromptSet.class.getResourceAsStream("/entitydraw/" + name + ".tsv")) {
            if (in == null) {
                throw new ReImagenException("there is no prompt set " + name + "; take emoji, photographic or a file");
            }
            return parse(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A set in a file.
     *
     * @throws ReImagenException naming file and line
     */
    public static List<Prompt> read(Path file) {
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new ReImagenException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static List<Prompt> parse(String name, String text) {
        List<String> lines = text.lines().toList();
        if (lines.size() < 2 || !lines.getFirst().equals(HEADER)) {
            throw new ReImagenException(
                    name + ": must begin with the line " + HEADER.replace('\t', ' ') + " (by tabs)");
        }
        List<Prompt> prompts = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int i = 1; i < lines.size(); i++) {
            List<String> cells = List.of(lines.get(i).split("\t", -1));
            boolean fits = cells.size() == 3
                    && FREQUENCIES.contains(cells.get(1))
                    && cells.stream().noneMatch(String::isBlank);
            if (!fits || !seen.add(cells.get(2))) {
                throw new ReImagenException("%s: line %d must be a category, a frequency of %s, and an entity once"
                        .formatted(name, i + 1, FREQUENCIES.stream().sorted().toList()));
            }
            prompts.add(new Prompt(cells.get(0), cells.get(1), cells.get(2)));
        }
        return prompts;
    }
}
