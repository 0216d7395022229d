package org.reimagen.app;

import java.util.LinkedHashSet;
import java.util.Set;
import org.reimagen.knowledge.retrieval.Filters;
import picocli.CommandLine.Option;

/** Which pairs may be found. */
final class FilterFlags {
    @Option(names = "--style", split = ",", description = "only pairs of these styles")
    private Set<String> styles = new LinkedHashSet<>();

    @Option(names = "--licence-allow", split = ",", description = "only pairs of these SPDX licences")
    private Set<String> licences = new LinkedHashSet<>();

    Filters filters() {
        return new Filters(styles, licences, Set.of(), Set.of());
    }
}
