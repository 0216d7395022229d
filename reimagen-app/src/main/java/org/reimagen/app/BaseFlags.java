package org.reimagen.app;

import java.util.Locale;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.tensor.Precision;
import org.reimagen.train.TrainingConfig;
import org.reimagen.train.optim.LrSchedule;
import org.reimagen.train.optim.Optimizers;
import picocli.CommandLine.Option;

/** Flags of {@code train base}, {@code layout}, {@code sr256} and {@code sr1024}, by the names that trainers of diffusion models share. */
final class BaseFlags {
    @Option(names = "--dataset", defaultValue = "dataset", description = "training set (${DEFAULT-VALUE})")
    String dataset = "dataset";

    @Option(
            names = "--output-dir",
            defaultValue = "out/base",
            description = "checkpoints, samples, model (${DEFAULT-VALUE})")
    String outputDir = "out/base";

    @Option(names = "--train-batch-size", defaultValue = "32", description = "targets a step (${DEFAULT-VALUE})")
    int batchSize;

    @Option(names = "--max-train-steps", defaultValue = "20000", description = "${DEFAULT-VALUE}")
    long maxSteps;

    @Option(
            names = "--small-steps",
            defaultValue = "900",
            description = "first steps at half resolution (${DEFAULT-VALUE})")
    long smallSteps;

    @Option(names = "--checkpointing-steps", defaultValue = "500", description = "${DEFAULT-VALUE}")
    long checkpointingSteps;

    @Option(names = "--optimizer", defaultValue = "muon", description = "muon, adamw or adafactor")
    Optimizers optimizer = Optimizers.MUON;

    @Option(names = "--learning-rate", defaultValue = "1.5e-3", description = "${DEFAULT-VALUE}")
    double learningRate;

    @Option(names = "--lr-scheduler", defaultValue = "constant_then_decay", description = "${COMPLETION-CANDIDATES}")
    LrSchedule schedule = LrSchedule.CONSTANT_THEN_DECAY;

    @Option(names = "--lr-warmup-steps", defaultValue = "100", description = "${DEFAULT-VALUE}")
    long warmUpSteps;

    @Option(names = "--max-grad-norm", defaultValue = "1.0", description = "${DEFAULT-VALUE}")
    double maxGradNorm;

    @Option(names = "--weight-decay", defaultValue = "0.01", description = "${DEFAULT-VALUE}")
    double weightDecay;

    @Option(names = "--ema-decay", defaultValue = "0.998", description = "${DEFAULT-VALUE}")
    double emaDecay;

    @Option(
            names = "--mixed-precision",
            defaultValue = "auto",
            description = "bf16, no, or auto: bf16 where the processor has it (${DEFAULT-VALUE})")
    String mixedPrecision = "auto";

    @Option(names = "--seed", defaultValue = "0", description = "${DEFAULT-VALUE}")
    long seed;

    @Option(names = "--init", description = "model folder whose weights to start from, to adapt it to other pictures")
    String init = "";

    @Option(names = "--resume-from-checkpoint", description = "go on from the newest checkpoint in --output-dir")
    boolean resume;

    TrainingConfig.Optimization optimization() {
        String precision = mixedPrecision.toLowerCase(Locale.ROOT);
        boolean bfloat16 = switch (precision) {
            case "auto" -> Precision.bfloat16IsFast();
            case "bf16" -> true;
            case "no" -> false;
            default -> throw new ReImagenException("--mixed-precision must be auto, bf16 or no, was " + mixedPrecision);
        };
        return new TrainingConfig.Optimization(
                optimizer, learningRate, schedule, warmUpSteps, maxSteps, maxGradNorm, weightDecay, emaDecay, bfloat16);
    }
}
