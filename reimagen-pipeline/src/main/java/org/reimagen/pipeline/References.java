package org.reimagen.pipeline;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.reimagen.core.ReImagenException;
import org.reimagen.knowledge.retrieval.Filters;

/**
 * Which references a request reads, and how hard.
 *
 * @param filters what a retrieved neighbour must be
 * @param sameStyle whether retrieved neighbours may be of the style that the prompt names
 * @param pinned ids of pairs that are read whatever the prompt finds; they come first and count towards K
 * @param excluded ids of pairs that are not retrieved; the next nearest take their places
 * @param weights of pairs by id, 0 to 10; a weight scales that neighbour's attention, 0 removes it exactly, 1 is neutral
 * @param own pictures that come with the request, read besides the K neighbours; 16 references in all
 */
public record References(
        Filters filters,
        boolean sameStyle,
        List<String> pinned,
        Set<String> excluded,
        Map<String, Double> weights,
        List<OwnReference> own) {
    /** Most references that a picture may read. */
    public static final int MAX = 16;

    /** Whatever the prompt finds, of another style than the prompted. */
    public static final References DEFAULT =
            new References(Filters.none(), false, List.of(), Set.of(), Map.of(), List.of());

    /** @throws ReImagenException naming what is out of range */
    public References {
        pinned = pinned.stream().distinct().toList();
        excluded = Set.copyOf(excluded);
        weights = Map.copyOf(weights);
        own = List.copyOf(own);
        weights.forEach((id, weight) -> OwnReference.checkWeight(id, weight));
        if (pinned.size() + own.size() > MAX) {
            throw new ReImagenException("at most 16 references, was " + (pinned.size() + own.size()));
        }
    }

    /** The weight of the pair {@code id}. */
    double weight(String id) {
        return weights.getOrDefault(id, 1.0);
    }
}
