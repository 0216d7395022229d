package org.reimagen.app;

import java.nio.file.Path;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.train.data.CropSetBuilder;
import org.reimagen.train.data.DatasetBuilder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dataset}: training sets made from knowledge bases. */
@Command(name = "dataset", mixinStandardHelpOptions = true, description = "Makes training sets.")
final class DatasetCommand implements Runnable {
    private static final int CROP = 256;

    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @Override
    public void run() {
        throw terminal.wrongUsage("which command? See reimagen dataset --help");
    }

    @Command(
            name = "build",
            mixinStandardHelpOptions = true,
            description = "Makes (picture, text, neighbours) from a knowledge base.")
    int build(
            @Parameters(paramLabel = "FOLDER", description = "folder to write") Path folder,
            @CommandLine.Mixin KbFlag kb,
            @Option(names = "--resolution", defaultValue = "64") int resolution) {
        if (resolution < 8 || resolution > 256) {
            throw terminal.wrongUsage("--resolution must be 8 to 256, was " + resolution);
        }
        try (KnowledgeBase base = kb.open()) {
            DatasetBuilder.Summary summary = new DatasetBuilder(base).build(folder, resolution, n -> {
                if (n % 2000 == 0) {
                    terminal.err().println(n + " of " + base.size() + " pictures");
                }
            });
            terminal.out()
                    .printf(
                            "wrote %s: %d pictures of %d entities, %d pictures held out%n",
                            folder, summary.pictures(), summary.entities(), summary.heldOut());
        }
        return 0;
    }

    @Command(
            name = "crops",
            mixinStandardHelpOptions = true,
            description = "Makes a training set for super-resolution: crops of pictures drawn at full resolution.")
    int crops(
            @Parameters(paramLabel = "FOLDER", description = "folder to write") Path folder,
            @CommandLine.Mixin KbFlag kb,
            @Option(names = "--resolution", defaultValue = "256", description = "256 or 1024") int resolution,
            @Option(names = "--count", defaultValue = "3000", description = "pictures, one crop each") int count) {
        if (resolution != 256 && resolution != 1024) {
            throw terminal.wrongUsage("--resolution must be 256 or 1024, was " + resolution);
        }
        if (count < 1) {
            throw terminal.wrongUsage("--count must be at least 1, was " + count);
        }
        try (KnowledgeBase base = kb.open()) {
            int made = new CropSetBuilder(base)
                    .build(folder, new CropSetBuilder.Plan(resolution, CROP, count, 1), n -> {
                        if (n % 500 == 0) {
                            terminal.err().println(n + " of " + count + " crops");
                        }
                    });
            terminal.out().printf("wrote %s: %d crops of %d x %d%n", folder, made, CROP, CROP);
        }
        return 0;
    }
}
