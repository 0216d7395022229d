package org.reimagen.app;

import org.reimagen.pipeline.SuperResolutionStage;
import picocli.CommandLine.Option;

/** How the later stages draw. */
final class LaterStageFlags {
    @Option(names = "--sr-steps", defaultValue = "2", description = "steps of each later stage (${DEFAULT-VALUE})")
    private int steps;

    @Option(
            names = "--sr-noise-level",
            defaultValue = "0",
            description = "how far a later stage may depart from the smaller picture, 0 to 0.5 (${DEFAULT-VALUE})")
    private double noiseLevel;

    @Option(
            names = "--sr-guidance-scale",
            defaultValue = "1",
            description = "weight of text and neighbours in later stages that read them (${DEFAULT-VALUE})")
    private double guidance;

    SuperResolutionStage.Options options() {
        return new SuperResolutionStage.Options(steps, noiseLevel, guidance);
    }
}
