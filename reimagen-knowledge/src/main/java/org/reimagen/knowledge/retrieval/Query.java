package org.reimagen.knowledge.retrieval;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to look for.
 *
 * @param text the prompt
 * @param k how many neighbours, 0 to 1000
 * @param filters what a neighbour must be
 * @param excludedIds pairs that must not come back, such as the target itself
 * @param nearDuplicateOf perceptual hash whose near-duplicates must not come back, or null
 */
public record Query(
        String text,
        int k,
        Filters filters,
        Set<String> excludedIds,
        @Nullable Long nearDuplicateOf) {
    /** Checks k. */
    public Query {
        if (k < 0 || k > 1000) {
            throw new IllegalArgumentException("k must be 0 to 1000, was " + k);
        }
        excludedIds = Set.copyOf(excludedIds);
    }

    /** The k nearest pairs to a prompt. */
    public static Query of(String text, int k) {
        return new Query(text, k, Filters.none(), Set.of(), null);
    }

    /** The same with filters. */
    public Query filtered(Filters newFilters) {
        return new Query(text, k, newFilters, excludedIds, nearDuplicateOf);
    }

    /** The same without these ids. */
    public Query excluding(Set<String> ids) {
        return new Query(text, k, filters, ids, nearDuplicateOf);
    }

    /** The same without near-duplicates of the picture with this hash. */
    public Query excludingNearDuplicatesOf(long perceptualHash) {
        return new Query(text, k, filters, excludedIds, perceptualHash);
    }
}
