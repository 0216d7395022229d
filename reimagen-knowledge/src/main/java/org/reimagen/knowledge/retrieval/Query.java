package org.reimagen.knowledge.retrieval;

import java.awt.image.BufferedImage;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to look for.
 *
 * @param text the prompt; may be empty where there is a picture
 * @param k how many neighbours, 0 to 1000
 * @param filters what a neighbour must be
 * @param excludedIds pairs that must not come back, such as the target itself
 * @param nearDuplicateOf perceptual hash whose near-duplicates must not come back, or null
 * @param picture ARGB, to look for pictures like it, or null
 */
public record Query(
        String text,
        int k,
        Filters filters,
        Set<String> excludedIds,
        @Nullable Long nearDuplicateOf,
        @Nullable BufferedImage picture) {
    /** The largest k. */
    public static final int MAX_K = 1000;

    /** Checks k. */
    public Query {
        if (k < 0 || k > MAX_K) {
            throw new IllegalArgumentException("k must be 0 to 1000, was " + k);
        }
        excludedIds = Set.copyOf(excludedIds);
    }

    /** The k nearest pairs to a prompt. */
    public static Query of(String text, int k) {
        return new Query(text, k, Filters.none(), Set.of(), null, null);
    }

    /** The k nearest pairs to a picture. */
    public static Query of(BufferedImage picture, int k) {
        return of("", k).withPicture(picture);
    }

    /** The same, for pictures like this one too. */
    public Query withPicture(BufferedImage argb) {
        return new Query(text, k, filters, excludedIds, nearDuplicateOf, argb);
    }

    /** The same with another prompt. */
    public Query withText(String newText) {
        return new Query(newText, k, filters, excludedIds, nearDuplicateOf, picture);
    }

    /** The same with another number of neighbours. */
    public Query withK(int newK) {
        return new Query(text, newK, filters, excludedIds, nearDuplicateOf, picture);
    }

    /** The same with filters. */
    public Query filtered(Filters newFilters) {
        return new Query(text, k, newFilters, excludedIds, nearDuplicateOf, picture);
    }

    /** The same without these ids. */
    public Query excluding(Set<String> ids) {
        return new Query(text, k, filters, ids, nearDuplicateOf, picture);
    }

    /** The same without near-duplicates of the picture with this hash. */
    public Query excludingNearDuplicatesOf(long perceptualHash) {
        return new Query(text, k, filters, excludedIds, perceptualHash, picture);
    }
}
