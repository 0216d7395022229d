package org.reimagen.app;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.DualEncoderStageConfig;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.model.ConditionsConfig;
import org.reimagen.core.model.DualEncoderConfig;
import org.reimagen.core.model.SuperResolutionConfig;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.knowledge.encoder.CachingTextEncoder;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.PngWriter;
import org.reimagen.train.BaseTraining;
import org.reimagen.train.DualEncoderTraining;
import org.reimagen.train.SampleSheet;
import org.reimagen.train.SelfTest;
import org.reimagen.train.StageTraining;
import org.reimagen.train.SuperResolutionTraining;
import org.reimagen.train.Trainer;
import org.reimagen.train.TrainingConfig;
import org.reimagen.train.data.CropDataset;
import org.reimagen.train.data.KnnDataset;
import org.reimagen.train.data.ViewDataset;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code train}: trains a stage, or tests that training works. */
@Command(name = "train", mixinStandardHelpOptions = true, description = "Trains stages.")
final class TrainCommand implements Runnable {
    private static final int CACHED_TEXTS = 20_000;
    private static final int HEAD_DIM = 32;

    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @Override
    public void run() {
        throw terminal.wrongUsage("which command? See reimagen train --help");
    }

    @Command(name = "base", mixinStandardHelpOptions = true, description = "Trains the 64×64 stage.")
    int base(
            @CommandLine.Mixin BaseFlags flags,
            @CommandLine.Mixin TextEncoderFlag textEncoder,
            @Option(names = "--blend", description = "let the stem see the mean of the neighbours' pictures")
                    boolean blend,
            @Option(
                            names = "--blocks",
                            split = ",",
                            description = "residual blocks of each level, finest first (2,2,2; those of --init)")
                    @Nullable
                    List<Integer> blocks,
            @CommandLine.Mixin EmphasisFlags emphasis) {
        try (TextEncoder encoder = encoder(flags, textEncoder)) {
            StageConfig held = held(flags, encoder, ModelFolder::baseConfig);
            UNetConfig shape = shape(held.unet(), flags.init, blocks == null ? List.of() : blocks);
            KnnDataset dataset = KnnDataset.open(Path.of(flags.dataset));
            StageConfig stage = new StageConfig(blend ? shape.blending() : shape, dataset.size(), encoder.name());
            return first(
                    flags,
                    stage,
                    dataset,
                    encoder,
                    new TrainingConfig.Data(flags.seed, flags.batchSize, flags.smallSteps, emphasis.read()));
        }
    }

    @Command(
            name = "layout",
            mixinStandardHelpOptions = true,
            description =
                    "Trains the network that draws at high noise, at half the resolution, in place of the 64×64 stage's own.")
    int layout(
            @CommandLine.Mixin BaseFlags flags,
            @CommandLine.Mixin TextEncoderFlag textEncoder,
            @Option(
                            names = "--blocks",
                            split = ",",
                            description = "residual blocks of each level, finest first (2,2,2; those of --init)")
                    @Nullable
                    List<Integer> blocks,
            @Option(
                            names = "--from-time",
                            defaultValue = "0.75",
                            description =
                                    "earliest time of its own that it draws at, above 0 to 0.95 (${DEFAULT-VALUE})")
                    double fromTime) {
        if (!(fromTime > 0 && fromTime <= 0.95)) { // later than that no step of a usual run draws with it
            throw terminal.wrongUsage("--from-time must be above 0 and at most 0.95, was " + fromTime);
        }
        try (TextEncoder encoder = encoder(flags, textEncoder)) {
            StageConfig held = held(flags, encoder, m -> m.layoutConfig().orElseGet(m::baseConfig));
            UNetConfig shape = shape(held.unet(), flags.init, blocks == null ? List.of() : blocks);
            KnnDataset dataset = KnnDataset.open(Path.of(flags.dataset));
            StageConfig stage = new StageConfig(shape.blending(), dataset.size() / 2, encoder.name(), fromTime);
            return first(flags, stage, dataset, encoder, new TrainingConfig.Data(flags.seed, flags.batchSize, 0));
        }
    }

    private static TextEncoder encoder(BaseFlags flags, TextEncoderFlag textEncoder) {
        return flags.init.isEmpty()
                ? textEncoder.open(CACHED_TEXTS)
                : new CachingTextEncoder(textEncoder.openFor(Path.of(flags.init)), CACHED_TEXTS);
    }

    private int first(
            BaseFlags flags, StageConfig stage, KnnDataset dataset, TextEncoder encoder, TrainingConfig.Data data) {
        TrainingConfig config = new TrainingConfig(stage, data, flags.optimization(), dataset.knowledgeHash());
        ConsoleListener console = new ConsoleListener(terminal.out(), Path.of(flags.outputDir), flags.batchSize);
        return start(config, new BaseTraining(stage, data, dataset, encoder), console, flags);
    }

    /** The stage that {@code --init} holds, or the small one, to be trained from scratch. */
    private static StageConfig held(BaseFlags flags, TextEncoder encoder, Function<ModelFolder, StageConfig> of) {
        return flags.init.isEmpty()
                ? new StageConfig(UNetConfig.small().withTextDim(encoder.dim()), 64, encoder.name())
                : of.apply(new ModelFolder(Path.of(flags.init)));
    }

    /** The network's shape: as asked, where it is trained from scratch. */
    private UNetConfig shape(UNetConfig held, String init, List<Integer> blocks) {
        if (init.isEmpty()) {
            return blocks.isEmpty() ? held : held.withBlocks(blocks);
        }
        if (!blocks.isEmpty() && !blocks.equals(held.blocks())) {
            throw terminal.wrongUsage("--blocks must be %s, those of --init, was %s".formatted(held.blocks(), blocks));
        }
        return held;
    }

    /** What a later stage reads besides the smaller picture. */
    enum Conditions {
        NONE,
        TEXT,
        NEIGHBORS
    }

    @Command(name = "sr256", mixinStandardHelpOptions = true, description = "Trains the stage from 64×64 to 256×256.")
    int sr256(
            @CommandLine.Mixin BaseFlags flags,
            @Option(
                            names = "--conditions",
                            defaultValue = "NEIGHBORS",
                            description = "what it reads: ${COMPLETION-CANDIDATES}; neighbours come with the text "
                                    + "(${DEFAULT-VALUE})")
                    Conditions conditions,
            @Option(
                            names = "--neighbors",
                            defaultValue = "2",
                            description = "most neighbours that it reads, 1 to 16 (${DEFAULT-VALUE})")
                    int neighbors) {
        if (neighbors < 1 || neighbors > 16) {
            throw terminal.wrongUsage("--neighbors must be 1 to 16, was " + neighbors);
        }
        int most = conditions == Conditions.NEIGHBORS ? neighbors : 0;
        return superResolution(flags, SuperResolutionConfig.to256(), 256, 128, conditions, most);
    }

    @Command(
            name = "sr1024",
            mixinStandardHelpOptions = true,
            description = "Trains the stage from 256×256 to 1024×1024.")
    int sr1024(
            @CommandLine.Mixin BaseFlags flags,
            @Option(
                            names = "--conditions",
                            defaultValue = "NONE",
                            description = "what it reads: NONE or TEXT (${DEFAULT-VALUE})")
                    Conditions conditions) {
        if (conditions == Conditions.NEIGHBORS) {
            throw terminal.wrongUsage("--conditions must be NONE or TEXT at 1024");
        }
        return superResolution(flags, SuperResolutionConfig.to1024(), 1024, 256, conditions, 0);
    }

    @Command(
            name = "clip",
            mixinStandardHelpOptions = true,
            description = "Trains the dual encoder that finds pictures by text and measures drawings.")
    int clip(@CommandLine.Mixin BaseFlags flags) {
        ViewDataset dataset = new ViewDataset(Path.of(flags.dataset));
        try (TextEncoder encoder = OnnxTextEncoder.builtIn()) {
            DualEncoderStageConfig stage =
                    new DualEncoderStageConfig(DualEncoderConfig.small(), dataset.size() / 2, encoder.name());
            TrainingConfig config = new TrainingConfig(
                    stage,
                    new TrainingConfig.Data(flags.seed, flags.batchSize, 0),
                    flags.optimization(),
                    dataset.knowledgeHash());
            ConsoleListener console = new ConsoleListener(terminal.out(), Path.of(flags.outputDir), flags.batchSize);
            return start(config, new DualEncoderTraining(stage, config.data(), dataset, encoder), console, flags);
        }
    }

    private int superResolution(
            BaseFlags flags, SuperResolutionConfig network, int side, int crop, Conditions conditions, int neighbors) {
        CropDataset dataset = CropDataset.open(Path.of(flags.dataset));
        if (neighbors > 0 && !dataset.namesNeighbors()) {
            throw new ReImagenException(flags.dataset
                    + ": its crops name no neighbours; make the set again with dataset crops, or pass --conditions");
        }
        try (TextEncoder encoder = new CachingTextEncoder(OnnxTextEncoder.builtIn(), CACHED_TEXTS)) {
            SuperResolutionConfig reading = conditions == Conditions.NONE
                    ? network
                    : network.reading(new ConditionsConfig(encoder.dim(), HEAD_DIM, neighbors, side));
            SuperResolutionStageConfig stage = new SuperResolutionStageConfig(reading, side / 4, side);
            TrainingConfig config = new TrainingConfig(
                    stage,
                    new TrainingConfig.Data(flags.seed, flags.batchSize, 0),
                    flags.optimization(),
                    dataset.knowledgeHash());
            SuperResolutionTraining training =
                    new SuperResolutionTraining(stage, config.data(), dataset, crop, encoder);
            Path folder = Path.of(flags.outputDir);
            ConsoleListener console = new ConsoleListener(terminal.out(), folder, flags.batchSize);
            return start(config, training, console, flags);
        }
    }

    private int start(TrainingConfig config, StageTraining training, ConsoleListener console, BaseFlags flags) {
        if (!flags.init.isEmpty()) {
            training.startFrom(new ModelFolder(Path.of(flags.init)));
        }
        Path folder = Path.of(flags.outputDir);
        try (Trainer trainer = new Trainer(config, training, console)) {
            if (flags.resume && trainer.resume(folder)) {
                terminal.out().println("resumed at step " + trainer.step());
            }
            return run(trainer, folder, flags.checkpointingSteps);
        }
    }

    private int run(Trainer trainer, Path folder, long every) {
        return Stoppable.run(trainer::stop, () -> {
            try (trainer) { // before the hook ends the JVM: no thread may be inside the encoder then
                boolean finished = trainer.run(folder, every);
                if (finished) {
                    trainer.publish(folder.resolve("model"), Map.of("modelspec.title", "Re-Imagen"));
                    terminal.out().println("wrote " + folder.resolve("model"));
                }
                return finished;
            }
        });
    }

    @Command(
            name = "sheet",
            mixinStandardHelpOptions = true,
            description = "Draws held-out entities: three neighbours, the truth, the drawing.")
    int sheet(
            @Option(names = "--dataset", defaultValue = "dataset", description = "training set") String folder,
            @CommandLine.Mixin ModelFlag model,
            @Option(names = "--out", defaultValue = "sheet.png") String out,
            @Option(names = "--targets", defaultValue = "32") int targets,
            @Option(names = "--guidance-scale", defaultValue = "2") double text,
            @Option(names = "--neighbor-guidance-scale", defaultValue = "5") double neighbors,
            @Option(names = "--guidance-ratio", defaultValue = "0.1") double ratio,
            @CommandLine.Mixin TextEncoderFlag textEncoder) {
        if (targets < 1 || targets > 256) {
            throw terminal.wrongUsage("--targets must be 1 to 256, was " + targets);
        }
        Path trained = model.folder();
        try (TextEncoder encoder = textEncoder.openFor(trained)) {
            PngWriter.write(
                    Path.of(out),
                    new SampleSheet(KnnDataset.open(Path.of(folder)), encoder)
                            .draw(trained, targets, text, neighbors, ratio),
                    Map.of());
        }
        terminal.out().println("wrote " + out);
        return 0;
    }

    @Command(
            name = "selftest",
            mixinStandardHelpOptions = true,
            description = "Overfits eight pictures and says whether training works.")
    int selftest(
            @Option(names = "--dataset", defaultValue = "dataset", description = "training set") String folder,
            @Option(names = "--max-train-steps", defaultValue = "300") int steps,
            @CommandLine.Mixin TextEncoderFlag textEncoder) {
        try (TextEncoder encoder = textEncoder.open(64)) {
            double loss = new SelfTest(KnnDataset.open(Path.of(folder)), encoder)
                    .run(steps, (step, mean) -> terminal.out().printf("step %d, loss %.3f%n", step, mean));
            boolean works = loss < SelfTest.PASS;
            terminal.out()
                    .printf(
                            "%s: loss %.3f after %d steps, %s %.2f%n",
                            works ? "training works" : "training does NOT work",
                            loss,
                            steps,
                            works ? "below" : "not below",
                            SelfTest.PASS);
            return works ? 0 : 1;
        }
    }
}
