package org.reimagen.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.reimagen.core.tensor.EngineThread;
import org.reimagen.core.tensor.Peak;
import org.reimagen.core.tensor.Precision;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.pipeline.BaseStage;
import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.pipeline.ReImagen;
import org.reimagen.train.TrainingBench;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench}: how fast this machine draws and trains; the program behind the README's figures. */
@Command(name = "bench", mixinStandardHelpOptions = true, description = "Measures drawing and training.")
final class BenchCommand implements Callable<Integer> {
    private static final int RUNS = 7;

    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @CommandLine.Mixin
    private KbFlag kb = new KbFlag();

    @CommandLine.Mixin
    private ModelFlag model = new ModelFlag();

    @CommandLine.Mixin
    private StepsFlag steps = new StepsFlag();

    @Option(names = "--dataset", description = "training set; with one, training is measured too")
    private String dataset = "";

    @Override
    public Integer call() {
        PrintWriter console = terminal.out();
        double peak = Peak.convolution();
        String precision = Precision.bfloat16IsFast() ? "bf16" : "fp32";
        console.printf("%s convolution 3x3, 256 channels, 16x16: %.0f GFLOP/s%n", precision, peak);
        draw(console, peak);
        if (!dataset.isEmpty()) {
            TrainingBench.Figures figures = EngineThread.call(() -> TrainingBench.run(Path.of(dataset)));
            console.printf(
                    "training: %.1f images/s at %d x %d, median of %d steps of %d; %.1f with data and text from memory, "
                            + "%.0f GFLOP/s, %.0f %% of the peak%n",
                    figures.imagesPerSecond(),
                    figures.side(),
                    figures.side(),
                    figures.steps(),
                    figures.batchSize(),
                    figures.fromMemory(),
                    figures.fromMemory() * figures.gflop(),
                    100 * figures.fromMemory() * figures.gflop() / peak);
        }
        return 0;
    }

    /** Draws a few pictures by all stages; the first is not counted. */
    private void draw(PrintWriter console, double peak) {
        try (KnowledgeBase base = kb.open();
                ReImagen reimagen = ReImagen.open(model.folder(), base)) {
            GenerationRequest request =
                    GenerationRequest.of("flamingo, noto style").withSteps(steps.steps());
            reimagen.generate(request);
            List<Map<String, Long>> runs = new ArrayList<>();
            for (int i = 0; i < RUNS; i++) {
                runs.add(reimagen.generate(request.withSeed(i)).millis());
            }
            console.printf(
                    "milliseconds, medians of %d: retrieve %.0f, encode %.0f%n",
                    RUNS, median(runs, "retrieve"), median(runs, "encode"));
            console.println("| stage | ms | evaluations | ms each | GFLOP each | GFLOP/s | of the peak |");
            console.println("|---|---|---|---|---|---|---|");
            reimagen.work(request).forEach((side, work) -> {
                boolean first = side == reimagen.baseResolution();
                row(console, side, median(runs, first ? "sample" : "sr" + side), work, peak);
            });
        }
    }

    private static void row(PrintWriter console, int side, double millis, BaseStage.Work work, double peak) {
        double rate = work.gflop() / (millis / 1000);
        console.printf(
                "| %d | %.0f | %d | %.1f | %.2f | %.0f | %.0f %% |%n",
                side,
                millis,
                work.evaluations(),
                millis / work.evaluations(),
                work.gflop() / work.evaluations(),
                rate,
                100 * rate / peak);
    }

    private static double median(List<Map<String, Long>> runs, String part) {
        return median(runs.stream().mapToDouble(r -> r.getOrDefault(part, 0L)).toArray());
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
