package org.reimagen.app;

import picocli.CommandLine.Option;

/** How many steps the first stage takes. */
final class StepsFlag {
    @Option(names = "--num-inference-steps", defaultValue = "20", description = "sampling steps (${DEFAULT-VALUE})")
    private int steps;

    /** As given; the request refuses what is out of range. */
    int steps() {
        return steps;
    }
}
