package org.reimagen.pipeline;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.reimagen.knowledge.StyleFamilies;

/**
 * What a prompt says: its subject, which is looked up, and the style it names, which the text alone decides.
 *
 * @param subject the prompt without style and background phrases, the style phrase if nothing else is left; never empty
 * @param style the base's style that is named, if any
 * @param styleAlone whether the prompt names a style and nothing else: then pictures of that very style are asked for
 */
record PromptReading(String subject, Optional<String> style, boolean styleAlone) {
    private static final Pattern BACKGROUND =
            Pattern.compile("[, ]*(\\bon an? )?[a-z]*( [a-z]+)? background\\b", Pattern.CASE_INSENSITIVE);

    /**
     * Reads a prompt.
     *
     * @param styles styles of the knowledge base, such as {@code fluent-emoji-flat}, written in prompts with spaces
     */
    static PromptReading of(String prompt, Set<String> styles) {
        String lower = prompt.toLowerCase(Locale.ROOT);
        List<String> longestFirst = styles.stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        for (String style : longestFirst) {
            String words = style.replace('-', ' ').toLowerCase(Locale.ROOT);
            int at = style.isEmpty() ? -1 : lower.indexOf(words + " style");
            if (at >= 0) {
                String rest = prompt.substring(0, at) + prompt.substring(at + words.length() + " style".length());
                String subject = subject(rest);
                return new PromptReading(
                        subject.isEmpty() ? words + " style" : subject, Optional.of(style), subject.isEmpty());
            }
        }
        String subject = subject(prompt);
        return new PromptReading(subject.isEmpty() ? prompt : subject, Optional.empty(), false);
    }

    private static String subject(String text) {
        return BACKGROUND
                .matcher(text)
                .replaceAll("")
                .replaceAll("(^|[\\s,]+)(in( the)?)?[\\s,]*$", "")
                .strip();
    }

    /** The named style and its siblings; none if no style is named. */
    Set<String> family(Set<String> styles) {
        return style.map(new StyleFamilies(styles)::siblings).orElse(Set.of());
    }
}
