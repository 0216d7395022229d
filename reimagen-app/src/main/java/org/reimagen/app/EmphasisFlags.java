package org.reimagen.app;

import org.reimagen.train.TrainingConfig;
import picocli.CommandLine.Option;

/** What the 64×64 stage learns most; the ending of the default model was trained with all three. */
final class EmphasisFlags {
    @Option(
            names = "--time-power",
            defaultValue = "1",
            description = "times are u to this power, u uniform: above 1, more of low noise (${DEFAULT-VALUE})")
    private double timePower;

    @Option(
            names = "--to-time",
            defaultValue = "1",
            description = "latest time to learn from, above 0 to 1; 0.92 below a layout network (${DEFAULT-VALUE})")
    private double toTime;

    @Option(
            names = "--flat",
            defaultValue = "0",
            description =
                    "weight of areas as flat as the true ones, at low noise, beside the mean square (${DEFAULT-VALUE})")
    private double flat;

    TrainingConfig.Emphasis read() {
        return new TrainingConfig.Emphasis(timePower, toTime, flat);
    }
}
