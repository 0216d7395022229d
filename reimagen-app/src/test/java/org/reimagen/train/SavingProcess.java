package org.reimagen.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.model.UNet;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.core.tensor.Ops;
import org.reimagen.rig.Child;
import org.reimagen.train.optim.LrSchedule;
import org.reimagen.train.optim.Optimizers;

/** A process that does nothing but save checkpoints: every parameter is the number of the step. */
final class SavingProcess {
    /** A save anew of the same step every so many saves, as a run does that is started again. */
    private static final int AGAIN = 3;

    private SavingProcess() {}

    /** Starts one that goes on from the newest checkpoint in {@code folder}; returns when it is about to save. */
    static Child start(Path folder, Path log) throws IOException, InterruptedException {
        Child child = Child.start(log, SavingProcess.class, folder.toString());
        while (child.isAlive() && !child.out().contains("started\n")) {
            Thread.sleep(Duration.ofMillis(2));
        }
        return child;
    }

    /** The highest step that it called saved. */
    static long saved(Child child) throws IOException {
        return child.out()
                .lines()
                .filter(line -> line.endsWith("."))
                .mapToLong(line -> Long.parseLong(line, 0, line.length() - 1, 10))
                .max()
                .orElse(0);
    }

    /** Checks that the newest checkpoint is of a step called saved, or a later one, and every number of that very save. */
    static void check(TrainingState state, Path folder, long saved) {
        Optional<Path> newest = TrainingState.latest(folder);
        assertThat(newest.isPresent() || saved == 0)
                .as("step %d was saved", saved)
                .isTrue();
        newest.ifPresent(checkpoint -> {
            state.resume(checkpoint);
            assertThat(state.step()).isGreaterThanOrEqualTo(saved);
            for (Tensor tensor : state.parameters().values()) {
                assertThat(tensor.detach().min().item_float()).isEqualTo((float) state.step());
                assertThat(tensor.detach().max().item_float()).isEqualTo((float) state.step());
            }
        });
    }

    static TrainingState state() {
        TrainingConfig config = new TrainingConfig(
                new StageConfig(UNetConfig.tiny(), 32, "words"),
                new TrainingConfig.Data(3, 8, 4),
                new TrainingConfig.Optimization(
                        Optimizers.ADAMW, 2e-3, LrSchedule.CONSTANT, 2, 1_000_000, 1, 0.01, 0.9, false),
                "0".repeat(64));
        return new TrainingState(config, new UNet(UNetConfig.tiny()));
    }

    /** Saves for ever into the folder named by the first argument; a failure ends it as it ends the command line. */
    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]);
        torch.set_num_threads(1);
        TrainingState state = state();
        TrainingState.latest(folder).ifPresent(state::resume);
        System.out.println("started");
        try {
            saveForEver(state, folder);
        } catch (ReImagenException e) {
            System.err.println("error: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void saveForEver(TrainingState state, Path folder) {
        for (int i = 0; ; i++) {
            if (i % AGAIN != 0) {
                state.stepDone();
            }
            try (var _ = new PointerScope()) {
                state.parameters().values().forEach(t -> t.detach().fill_(Ops.scalar((double) state.step())));
                state.save(folder);
            }
            System.out.println(state.step() + ".");
        }
    }
}
