package org.reimagen.server.gallery;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;

/**
 * One kept picture.
 *
 * @param id 32 hexadecimal digits
 * @param created seconds since 1970
 * @param settings to ask for the same again, the seed of this very picture among them
 * @param references what it was drawn from
 */
public record Entry(
        String id,
        long created,
        String prompt,
        long seed,
        int resolution,
        double copyScore,
        JsonNode settings,
        List<Reference> references) {
    /** The list is copied. */
    public Entry {
        references = List.copyOf(references);
    }

    /** A pair it was drawn from. */
    public record Reference(String id, String title, String author, String licence) {}

    /** Whether every word of the query, in lower case, is found in what is known of the picture. */
    boolean matches(String query) {
        StringBuilder all =
                new StringBuilder(prompt).append(' ').append(seed).append(' ').append(resolution);
        all.append(' ').append(settings);
        references.forEach(r -> all.append(' ')
                .append(r.title())
                .append(' ')
                .append(r.author())
                .append(' ')
                .append(r.licence()));
        String text = all.toString().toLowerCase(Locale.ROOT);
        for (String word : query.toLowerCase(Locale.ROOT).strip().split("\\s+", -1)) {
            if (!text.contains(word)) {
                return false;
            }
        }
        return true;
    }
}
