package org.reimagen.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.tensor.Peak;
import org.reimagen.core.tensor.Precision;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.pipeline.GenerationResult;
import org.reimagen.pipeline.ReImagen;
import org.reimagen.train.TrainingBench;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench}: how fast this machine draws and trains; the program behind the README's figures. */
@Command(name = "bench", mixinStandardHelpOptions = true, description = "Measures drawing and training.")
final class BenchCommand implements Callable<Integer> {
    private static final int RUNS = 7;

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Option(names = "--kb", description = "knowledge base")
    private String kb = "";

    @Option(names = "--model", description = "model folder")
    private String model = "";

    @Option(names = "--num-inference-steps", defaultValue = "20")
    private int steps;

    @Option(names = "--dataset", description = "training set; with one, training is measured too")
    private String dataset = "";

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("not called by the command line");
        }
        PrintWriter console = spec.commandLine().getOut();
        double peak = Peak.convolution();
        String precision = Precision.bfloat16IsFast() ? "bf16" : "fp32";
        console.printf("%s convolution 3x3, 256 channels, 16x16: %.0f GFLOP/s%n", precision, peak);
        draw(console, peak);
        if (!dataset.isEmpty()) {
            TrainingBench.Figures figures = TrainingBench.run(Path.of(dataset));
            console.printf(
                    "training: %.1f images/s at %d x %d, median of %d steps of %d%n",
                    figures.imagesPerSecond(), figures.side(), figures.side(), figures.steps(), figures.batchSize());
        }
        return 0;
    }

    private void draw(PrintWriter console, double peak) {
        try (KnowledgeBase base = KnowledgeBase.open(Defaults.orElse(kb, Defaults.knowledgeBase()));
                ReImagen reimagen = ReImagen.open(Defaults.orElse(model, Defaults.model()), base)) {
            GenerationRequest request = GenerationRequest.of("flamingo, noto style")
                    .withSteps(steps)
                    .withUpscaling(new GenerationRequest.Upscaling(64, GenerationRequest.Upscaling.DEFAULT.options()));
            reimagen.generate(request);
            double[] sample = new double[RUNS];
            double[] total = new double[RUNS];
            for (int i = 0; i < RUNS; i++) {
                GenerationResult result = reimagen.generate(request.withSeed(i));
                sample[i] = result.millis().getOrDefault("sample", 0L);
                total[i] = sample[i]
                        + result.millis().getOrDefault("encode", 0L)
                        + result.millis().getOrDefault("retrieve", 0L);
            }
            double flop = 2.0 * steps * reimagen.forwardGflop();
            double rate = flop / (median(sample) / 1000);
            console.printf(
                    "one %d x %d picture, %d steps: %.0f ms, of which %.0f ms sampling (medians of %d)%n",
                    reimagen.baseResolution(), reimagen.baseResolution(), steps, median(total), median(sample), RUNS);
            console.printf(
                    "sampling: %.1f GFLOP in %d evaluations, %.0f GFLOP/s, %.0f %% of the convolution peak%n",
                    flop, 2 * steps, rate, 100 * rate / peak);
        }
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
