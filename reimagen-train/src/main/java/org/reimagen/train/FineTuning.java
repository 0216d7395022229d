package org.reimagen.train;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.AtomicFile;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.Stage;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.tensor.Precision;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.train.FineTuningPlan.Part;
import org.reimagen.train.data.CropDataset;
import org.reimagen.train.data.CropSetBuilder;
import org.reimagen.train.data.DatasetBuilder;
import org.reimagen.train.data.KnnDataset;
import org.reimagen.train.optim.LrSchedule;
import org.reimagen.train.optim.Optimizers;

/**
 * Adapts every stage of a model to a knowledge base: makes the training sets, trains, and puts a whole model together.
 *
 * <p>Each part is kept as soon as it is done, so that the same plan run again after a kill goes on where it was. The model
 * folder can be opened once the base stage is in it, which comes last. <b>Thread-safety</b>: one thread; {@link #stop} from any.
 */
public final class FineTuning {
    private static final int MEASURED_STEPS = 100;

    /** Fewest pictures that reach a stage's resolution for it to be adapted. */
    static final int FEWEST = 4;

    private static final int MOST_PICTURES = 3000;
    private static final int CROP = 256;
    private static final int CROPS_OF_A_LARGE_PICTURE = 8;
    private static final int WARM_UP = 50;
    private static final String NO_SUCH_STAGE = "the initial model has no such stage";

    private final FineTuningPlan plan;
    private final KnowledgeBase base;
    private final TextEncoder encoder;
    private final Reporter reporter;
    private final ModelFolder initial;
    private final Path work;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicReference<@Nullable Trainer> current = new AtomicReference<>();

    /** Hears how it goes. */
    public interface Reporter {
        /** One line. */
        void say(String line);

        /** Who hears of the steps of the stage whose run lies in {@code folder}. */
        TrainingListener listener(Path folder);
    }

    /**
     * A run that reads {@code base} and {@code encoder}, which stay open.
     *
     * @throws ReImagenException if the initial model is none, or reads another text encoder
     */
    public FineTuning(FineTuningPlan plan, KnowledgeBase base, TextEncoder encoder, Reporter reporter) {
        this.plan = plan;
        this.base = base;
        this.encoder = encoder;
        this.reporter = reporter;
        this.initial = new ModelFolder(plan.initial());
        this.work = plan.out().resolve(".finetune");
        String trained = initial.baseConfig().textEncoder();
        if (!trained.equals(encoder.name())) {
            throw new ReImagenException("%s: was trained with the text encoder %s, not %s"
                    .formatted(plan.initial(), trained, encoder.name()));
        }
    }

    /** A stage that is ready to be trained: its sets are made. */
    private record Ready(
            Part part, Stage stage, TrainingConfig.Data data, String knowledgeHash, Supplier<StageTraining> training) {}

    /** Asks the run to end after the step or picture that it is at, everything saved. */
    public void stop() {
        stopping.set(true);
        Trainer trainer = current.get();
        if (trainer != null) {
            trainer.stop();
        }
    }

    /**
     * Makes the model, or goes on making it.
     *
     * @return whether it is done; false if it was stopped
     * @throws ReImagenException if no stage can be adapted, or a checkpoint is of another plan
     */
    public boolean run() {
        try {
            List<Ready> ready = new ArrayList<>();
            for (Part part : Part.values()) {
                prepare(part).ifPresent(ready::add);
            }
            if (ready.isEmpty()) {
                throw new ReImagenException(base.folder() + ": no stage can be adapted to these pictures, see above");
            }
            Map<Part, Long> steps = steps(ready);
            for (Ready stage : ready) {
                if (!train(stage, steps.getOrDefault(stage.part(), 1L))) {
                    return false;
                }
            }
            assemble(steps);
            return true;
        } catch (CancellationException e) {
            reporter.say(String.valueOf(e.getMessage()));
            return false;
        }
    }

    private void goOnUnlessStopped(int done) {
        if (stopping.get()) {
            throw new CancellationException("stopped after " + done + " pictures of a training set");
        }
    }

    private Optional<Ready> prepare(Part part) {
        if (!plan.stages().contains(part)) {
            return kept(part, "not asked for");
        }
        if (part == Part.BASE) {
            return prepareFirst(part, initial.baseConfig());
        }
        if (part == Part.LAYOUT) {
            return initial.layoutConfig()
                    .map(config -> prepareFirst(part, config))
                    .orElseGet(() -> kept(part, NO_SUCH_STAGE));
        }
        Optional<SuperResolutionStageConfig> config = initial.superResolutionConfig(part.resolution());
        return config.isEmpty() ? kept(part, NO_SUCH_STAGE) : prepareLater(part, config.get());
    }

    private Optional<Ready> kept(Part part, String reason) {
        reporter.say(part.folder() + " is kept as it is: " + reason);
        return Optional.empty();
    }

    private Optional<Ready> tooSmall(Part part, int resolution, int reaching) {
        return kept(
                part,
                "%d of %d pictures reach %d pixels, at least %d are needed"
                        .formatted(reaching, base.size(), resolution, FEWEST));
    }

    /** The base and its layout network learn from the same set. */
    private Optional<Ready> prepareFirst(Part part, StageConfig config) {
        int side = initial.baseConfig().resolution();
        int reaching = new CropSetBuilder(base).reaching(side).size();
        if (reaching < FEWEST) {
            return tooSmall(part, side, reaching);
        }
        Path folder = work.resolve("dataset");
        if (!DatasetBuilder.isOf(folder, base)) {
            DatasetBuilder.Summary made = new DatasetBuilder(base).build(folder, side, this::goOnUnlessStopped);
            reporter.say("base learns from %d pictures, %d more are held out for the sheets"
                    .formatted(made.pictures() - made.heldOut(), made.heldOut()));
        }
        KnnDataset set = KnnDataset.open(folder);
        TrainingConfig.Data data =
                new TrainingConfig.Data(plan.learning().seed(), plan.learning().batchSize(), 0);
        return Optional.of(
                new Ready(part, config, data, set.knowledgeHash(), () -> new BaseTraining(config, data, set, encoder)));
    }

    private Optional<Ready> prepareLater(Part part, SuperResolutionStageConfig config) {
        CropSetBuilder builder = new CropSetBuilder(base);
        int reaching = builder.reaching(config.resolution()).size();
        if (reaching < FEWEST) {
            return tooSmall(part, config.resolution(), reaching);
        }
        Path folder = work.resolve("crops" + config.resolution());
        if (!DatasetBuilder.isOf(folder, base)) {
            int each = config.resolution() > CROP ? CROPS_OF_A_LARGE_PICTURE : 1;
            int made = builder.build(
                    folder,
                    new CropSetBuilder.Plan(config.resolution(), CROP, MOST_PICTURES, each),
                    this::goOnUnlessStopped);
            reporter.say("%s learns from %d crops of the %d pictures that reach %d pixels"
                    .formatted(part.folder(), made, made / each, config.resolution()));
        }
        CropDataset set = CropDataset.open(folder);
        TrainingConfig.Data data =
                new TrainingConfig.Data(plan.learning().seed(), plan.learning().batchSize(), 0);
        return Optional.of(new Ready(
                part,
                config,
                data,
                set.knowledgeHash(),
                () -> new SuperResolutionTraining(config, data, set, part.crop(), encoder)));
    }

    private TrainingConfig config(Ready stage, long steps) {
        return new TrainingConfig(
                stage.stage(),
                stage.data(),
                new TrainingConfig.Optimization(
                        Optimizers.MUON,
                        plan.learning().learningRate(),
                        LrSchedule.CONSTANT_THEN_DECAY,
                        Math.min(WARM_UP, steps / 10),
                        steps,
                        1,
                        0.01,
                        0.998,
                        Precision.bfloat16IsFast()),
                stage.knowledgeHash());
    }

    /** The steps of each stage: as asked, or as many as its share of the minutes holds. */
    private Map<Part, Long> steps(List<Ready> ready) {
        Map<Part, Long> steps = new LinkedHashMap<>();
        double shares = ready.stream().mapToDouble(r -> r.part().share()).sum();
        Path file = work.resolve("pace.json");
        Pace pace = Pace.read(file, plan.minutes());
        for (Ready stage : ready) {
            String name = stage.part().folder();
            if (plan.maxSteps() == 0 && !pace.steps().containsKey(name)) {
                double seconds = secondsPerStep(stage);
                double share = plan.minutes() * 60 * stage.part().share() / shares;
                pace = pace.with(name, Math.max(1, Math.round(share / seconds)), file);
                reporter.say("%s: %.2f seconds a step, %d steps"
                        .formatted(name, seconds, pace.steps().get(name)));
            }
            steps.put(
                    stage.part(),
                    plan.maxSteps() > 0 ? plan.maxSteps() : pace.steps().getOrDefault(name, 1L));
        }
        return steps;
    }

    private double secondsPerStep(Ready stage) {
        try (Trainer measured =
                new Trainer(config(stage, MEASURED_STEPS), stage.training().get(), new SilentListener())) {
            return Pace.secondsPerStep(measured);
        }
    }

    private boolean train(Ready stage, long steps) {
        Path folder = work.resolve(stage.part().folder());
        StageTraining training = stage.training().get();
        training.startFrom(initial);
        try (Trainer trainer = new Trainer(config(stage, steps), training, reporter.listener(folder))) {
            if (trainer.resume(folder)) {
                reporter.say("%s goes on at step %d".formatted(stage.part().folder(), trainer.step()));
            } else {
                reporter.say("%s is adapted for %d steps".formatted(stage.part().folder(), steps));
            }
            current.set(trainer);
            if (stopping.get()) {
                trainer.stop();
            }
            if (trainer.step() < steps && !trainer.run(folder, plan.learning().checkpointEvery())) {
                return false;
            }
            trainer.publish(folder.resolve("model"), Map.of("modelspec.title", "Re-Imagen, adapted"));
            return true;
        }
    }

    /** Puts adapted and initial stages together, the base last: without it the folder is no model. */
    private void assemble(Map<Part, Long> steps) {
        List<Part> parts = Arrays.stream(Part.values())
                .filter(p -> steps.containsKey(p) || initialHas(p))
                .toList();
        ModelFolder out = new ModelFolder(plan.out());
        for (Part part : parts.reversed()) {
            boolean adapted = steps.containsKey(part);
            out.copyStage(
                    part.folder(),
                    adapted ? new ModelFolder(work.resolve(part.folder()).resolve("model")) : initial);
        }
        out.writeIndex(initial.baseConfig(), parts.stream().map(Part::folder).toList());
        byte[] text = card(parts, steps).getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(plan.out().resolve("README.md"), to -> to.write(text));
    }

    private boolean initialHas(Part part) {
        return switch (part) {
            case BASE -> true;
            case LAYOUT -> initial.layoutConfig().isPresent();
            default -> initial.superResolutionConfig(part.resolution()).isPresent();
        };
    }

    private String card(List<Part> parts, Map<Part, Long> steps) {
        List<String> stages = parts.stream()
                .map(p -> "| %s | %s |"
                        .formatted(p.folder(), steps.containsKey(p) ? steps.get(p) + " steps" : "as it was"))
                .toList();
        StringBuilder licences = new StringBuilder();
        base.stats().licences().forEach((licence, n) -> licences.append("- %s: %d%n".formatted(licence, n)));
        return """
                # Adapted model
                From %s (SHA-256 of its base weights %s), on the %d pictures of a knowledge base (hash %s).

                | stage | adapted for |
                |---|---|
                %s

                Licences of these pictures:
                %s""".formatted(
                        plan.initial().getFileName(),
                        initial.modelHash(),
                        base.size(),
                        base.hash(),
                        String.join("\n", stages),
                        licences);
    }
}
