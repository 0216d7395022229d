package org.reimagen.knowledge.retrieval;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The things that a prompt names, told apart by the words between them. */
final class SubQueries {
    private static final int MOST = 4;
    private static final Pattern BETWEEN = Pattern.compile(
            "\\s*[,;&+]\\s*|\\s+(and|with|beside|next to|near|behind|under|above|on top of|in front of|riding|holding|carrying"
                    + "|wearing|eating|on|in)\\s+",
            Pattern.CASE_INSENSITIVE);
    private static final Set<String> SMALL = Set.of("a", "an", "the", "of", "to", "and", "with", "on", "in", "its");

    private SubQueries() {}

    /** At most four parts of a prompt; the prompt alone if it names but one thing. */
    static List<String> of(String prompt) {
        List<String> parts = Arrays.stream(BETWEEN.split(prompt.strip()))
                .map(String::strip)
                .filter(part -> !words(part).isEmpty())
                .distinct()
                .limit(MOST)
                .toList();
        return parts.size() < 2 ? List.of(prompt) : parts;
    }

    /** Lower-case words of a text, small ones left out. */
    static Set<String> words(String text) {
        return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+"))
                .filter(word -> !word.isEmpty() && !SMALL.contains(word))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
