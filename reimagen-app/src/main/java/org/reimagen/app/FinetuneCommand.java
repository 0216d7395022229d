package org.reimagen.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.encoder.CachingTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.train.FineTuning;
import org.reimagen.train.FineTuningPlan;
import org.reimagen.train.TrainingListener;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code finetune}: a folder of pictures in, a knowledge base and a model adapted to them out. */
@Command(
        name = "finetune",
        mixinStandardHelpOptions = true,
        description = "Adapts every stage of a model to your own pictures; run it again to go on after a stop.")
final class FinetuneCommand implements Callable<Integer> {
    private static final int CACHED_TEXTS = 20_000;

    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @Option(names = "--from", description = "folder, table or picture set that is added to --kb")
    private List<Path> from = List.of();

    @Option(names = "--kb", description = "knowledge base to learn from, made if --from is given (default: OUT/kb)")
    private String kb = "";

    @Option(names = "--out", required = true, description = "model folder to make")
    private Path out = Path.of("");

    @CommandLine.Mixin
    private ModelFlag model = new ModelFlag();

    @Option(
            names = "--minutes",
            defaultValue = "60",
            description = "of training, all stages together (${DEFAULT-VALUE})")
    private double minutes;

    @Option(names = "--max-train-steps", description = "steps of each stage, instead of --minutes")
    private @Nullable Long steps;

    @Option(names = "--stages", split = ",", description = "${COMPLETION-CANDIDATES} (default: all)")
    private Set<FineTuningPlan.Part> stages = EnumSet.allOf(FineTuningPlan.Part.class);

    @Option(names = "--train-batch-size", defaultValue = "16", description = "${DEFAULT-VALUE}")
    private int batchSize;

    @Option(names = "--learning-rate", defaultValue = "5e-4", description = "${DEFAULT-VALUE}")
    private double learningRate;

    @Option(names = "--checkpointing-steps", defaultValue = "100", description = "${DEFAULT-VALUE}")
    private long checkpointingSteps;

    @Option(names = "--seed", defaultValue = "0", description = "${DEFAULT-VALUE}")
    private long seed;

    @CommandLine.Mixin
    private CreditFlags credit = new CreditFlags();

    @CommandLine.Mixin
    private TextEncoderFlag textEncoder = new TextEncoderFlag();

    @Override
    public Integer call() {
        if (from.isEmpty() && kb.isEmpty()) {
            throw terminal.wrongUsage("--from or --kb is needed: which pictures shall the model be adapted to?");
        }
        if (steps != null && steps < 1) {
            throw terminal.wrongUsage("--max-train-steps must be at least 1, was " + steps);
        }
        Path initial = model.folder();
        FineTuningPlan plan = new FineTuningPlan(
                initial,
                out,
                stages,
                minutes,
                steps == null ? 0 : steps,
                new FineTuningPlan.Learning(batchSize, learningRate, seed, checkpointingSteps));
        Path knowledge = Defaults.orElse(kb, out.resolve("kb"));
        if (!from.isEmpty()) {
            KbCommand.fill(knowledge, from, credit, terminal);
        }
        try (KnowledgeBase base = KnowledgeBase.open(knowledge);
                TextEncoder encoder = new CachingTextEncoder(textEncoder.openFor(initial), CACHED_TEXTS)) {
            FineTuning tuning = new FineTuning(plan, base, encoder, new Console());
            return Stoppable.run(tuning::stop, () -> {
                boolean finished = tuning.run();
                say(
                        finished
                                ? "wrote %s; draw with: ./reimagen generate --model %s --kb %s \"…\""
                                        .formatted(out, out, knowledge)
                                : "stopped and saved; the same command goes on");
                return finished;
            });
        }
    }

    private void say(String line) {
        terminal.out().println(line);
    }

    private final class Console implements FineTuning.Reporter {
        @Override
        public void say(String line) {
            FinetuneCommand.this.say(line);
        }

        @Override
        public TrainingListener listener(Path folder) {
            PrintWriter console = terminal.out();
            return new ConsoleListener(console, folder, batchSize);
        }
    }
}
