package org.reimagen.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.model.UNet;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.core.tensor.Ops;
import org.reimagen.train.optim.LrSchedule;
import org.reimagen.train.optim.Optimizers;

/**
 * Kills a process that does nothing but save checkpoints, at random moments: the newest one that it called saved loads, or a
 * newer one, and every number in it is of that very save.
 *
 * <p>System properties: {@code kills} (how many), {@code kill.seed}, {@code kill.minutes} (stop earlier).
 */
class KillSaveTest {
    /** A save anew of the same step every so many saves, as a run does that is started again. */
    private static final int AGAIN = 3;

    @TempDir
    Path temporary = Path.of("");

    private Path folder = Path.of("");

    @BeforeEach
    void place() throws IOException {
        folder = Files.createDirectories(temporary.resolve("run"));
    }

    @Test
    void aFewKillsLeaveTheNewestCheckpoint() throws Exception {
        kill(2, 5, Duration.ofMinutes(2));
    }

    @Test
    @Tag("slow")
    void manyKillsLeaveTheNewestCheckpoint() throws Exception {
        kill(
                Integer.getInteger("kills", 60),
                Long.getLong("kill.seed", System.nanoTime()),
                Duration.ofMinutes(Integer.getInteger("kill.minutes", 60)));
    }

    private void kill(int times, long seed, Duration atMost) throws Exception {
        System.out.println("kill.seed " + seed);
        Random random = new Random(seed);
        long start = System.nanoTime();
        int kills = 0;
        int amid = 0;
        try (var _ = new PointerScope()) {
            TrainingState state = state();
            for (; kills < times && System.nanoTime() - start < atMost.toNanos(); kills++) {
                long saved = runAndKill(random.nextInt(300_000));
                amid += unfinished() ? 1 : 0;
                Optional<Path> newest = TrainingState.latest(folder);
                assertThat(newest.isPresent() || saved == 0)
                        .as("step %d was saved", saved)
                        .isTrue();
                newest.ifPresent(checkpoint -> assertWhole(state, checkpoint, saved));
            }
        }
        System.out.println("%d kills, %d of them amid a save".formatted(kills, amid));
        assertThat(kills).isPositive();
    }

    private boolean unfinished() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(f -> String.valueOf(f.getFileName()).startsWith("."));
        }
    }

    private static void assertWhole(TrainingState state, Path checkpoint, long saved) {
        state.resume(checkpoint);
        assertThat(state.step()).isGreaterThanOrEqualTo(saved);
        for (Tensor tensor : state.parameters().values()) {
            assertThat(tensor.detach().min().item_float()).isEqualTo((float) state.step());
            assertThat(tensor.detach().max().item_float()).isEqualTo((float) state.step());
        }
    }

    /** The highest step that the child called saved before it was killed. */
    private long runAndKill(int micros) throws IOException, InterruptedException {
        Path said = temporary.resolve("said.txt");
        Path err = temporary.resolve("err.txt");
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        folder.toString())
                .redirectOutput(said.toFile())
                .redirectError(err.toFile())
                .start();
        while (child.isAlive() && !Files.readString(said).contains("started\n")) {
            Thread.sleep(Duration.ofMillis(2));
        }
        Thread.sleep(Duration.ofNanos(micros * 1000L));
        assertThat(child.isAlive()).as(Files.readString(err)).isTrue();
        child.destroyForcibly().waitFor();
        try (Stream<String> lines = Files.lines(said)) {
            return lines.filter(line -> line.endsWith("."))
                    .mapToLong(line -> Long.parseLong(line, 0, line.length() - 1, 10))
                    .max()
                    .orElse(0);
        }
    }

    private static TrainingState state() {
        TrainingConfig config = new TrainingConfig(
                new StageConfig(UNetConfig.tiny(), 32, "words"),
                new TrainingConfig.Data(3, 8, 4),
                new TrainingConfig.Optimization(
                        Optimizers.ADAMW, 2e-3, LrSchedule.CONSTANT, 2, 1_000_000, 1, 0.01, 0.9, false),
                "0".repeat(64));
        return new TrainingState(config, new UNet(UNetConfig.tiny()));
    }

    /** Goes on from the newest checkpoint and saves for ever: every parameter is the number of the step. */
    static final class Child {
        private Child() {}

        /** Saves into the folder named by the first argument. */
        public static void main(String[] arguments) {
            Path folder = Path.of(arguments[0]);
            torch.set_num_threads(1);
            TrainingState state = state();
            TrainingState.latest(folder).ifPresent(state::resume);
            System.out.println("started");
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
}
