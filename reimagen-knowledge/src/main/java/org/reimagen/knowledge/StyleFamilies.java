package org.reimagen.knowledge;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which styles are siblings: a set and its variant, such as {@code noto} and {@code noto-v1}, draw alike, so that one must
 * not serve as a reference for the other.
 *
 * @param styles all styles that are known; the shortest of a family names it
 */
public record StyleFamilies(Set<String> styles) {
    /** The set is copied. */
    public StyleFamilies {
        styles = Set.copyOf(styles);
    }

    /** Families among the styles of these pairs. */
    public static StyleFamilies of(List<Pair> pairs) {
        return new StyleFamilies(pairs.stream().map(Pair::style).collect(Collectors.toSet()));
    }

    /** The shortest known style that {@code style} extends by a dash, or {@code style} itself. */
    public String familyOf(String style) {
        return styles.stream()
                .filter(s -> !s.isEmpty() && style.startsWith(s + "-"))
                .min(Comparator.comparingInt(String::length))
                .orElse(style);
    }

    /** All known styles of the family of {@code style}. */
    public Set<String> siblings(String style) {
        String family = familyOf(style);
        return styles.stream().filter(s -> familyOf(s).equals(family)).collect(Collectors.toUnmodifiableSet());
    }
}
