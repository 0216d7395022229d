package org.reimagen.app;

import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import org.reimagen.pipeline.PngWriter;
import org.reimagen.train.TrainingListener;

/** Prints how training goes, a line every ten steps, and writes the sample sheets. */
final class ConsoleListener implements TrainingListener {
    private static final int EVERY = 10;

    private final PrintWriter out;
    private final Path folder;
    private final int batchSize;
    private double sum;
    private int count;

    ConsoleListener(PrintWriter out, Path folder, int batchSize) {
        this.out = out;
        this.folder = folder;
        this.batchSize = batchSize;
    }

    @Override
    public void onStep(Progress progress) {
        if (Double.isFinite(progress.loss())) {
            sum += progress.loss();
            count++;
        }
        if (progress.step() % EVERY == 0) {
            out.printf(
                    "step %d of %d, loss %.4f, lr %.2e, %.1f images/s, %s left%n",
                    progress.step(),
                    progress.maxSteps(),
                    sum / Math.max(1, count),
                    progress.learningRate(),
                    progress.imagesPerSecond(),
                    progress.left(batchSize).toString().substring(2).toLowerCase(java.util.Locale.ROOT));
            sum = 0;
            count = 0;
        }
    }

    @Override
    public void onSaved(Path checkpoint) {
        out.println("saved " + checkpoint);
    }

    @Override
    public void onSkipped(long step, String ids) {
        out.println("step " + step + " skipped, loss or gradients are not finite: " + ids);
    }

    @Override
    public void onSamples(long step, BufferedImage sheet) {
        Path file = folder.resolve("samples-%08d.png".formatted(step));
        PngWriter.write(file, sheet, Map.of());
        out.println("drew " + file);
    }
}
