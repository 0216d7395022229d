package org.reimagen.knowledge.retrieval;

import java.util.Set;

/**
 * What a neighbour must be; an empty set allows everything.
 *
 * @param styles allowed styles
 * @param licences allowed SPDX identifiers
 * @param entities allowed entities
 * @param excludedStyles styles that must not come back
 */
public record Filters(Set<String> styles, Set<String> licences, Set<String> entities, Set<String> excludedStyles) {
    /** The sets are copied. */
    public Filters {
        styles = Set.copyOf(styles);
        licences = Set.copyOf(licences);
        entities = Set.copyOf(entities);
        excludedStyles = Set.copyOf(excludedStyles);
    }

    /** Everything is allowed. */
    public static Filters none() {
        return new Filters(Set.of(), Set.of(), Set.of(), Set.of());
    }
}
