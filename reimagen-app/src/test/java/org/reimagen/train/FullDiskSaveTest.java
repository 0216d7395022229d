package org.reimagen.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.rig.Child;
import org.reimagen.rig.Rounds;
import org.reimagen.rig.SmallDisk;

/**
 * A process that does nothing but save checkpoints, on a disk that fills up amid its saves: it ends with 1 and one line that names path and
 * reason, the newest checkpoint that it called saved loads, and once there is room it goes on.
 *
 * <p>System properties: {@code fills} (how many), {@code fill.seed}, {@code fill.minutes} (stop earlier).
 */
class FullDiskSaveTest {
    private static final int MEBIBYTES = 48;

    @TempDir
    Path temporary = Path.of("");

    @Test
    @Tag("slow")
    void theNewestCheckpointLoadsAndItGoesOn() throws Exception {
        SmallDisk.run(temporary, MEBIBYTES, Loop.class, Rounds.asked("fill", 8));
        assertThat(temporary.resolve("disk")).as("was seen by the loop alone").isEmptyDirectory();
    }

    /** What sees the disk. */
    static final class Loop {
        private static final Duration SOON = Duration.ofMinutes(2);

        private final SmallDisk disk;
        private final Path run;
        private final Path log;
        private final TrainingState state = SavingProcess.state();

        private Loop(Path folder, Path beside) throws IOException {
            this.disk = new SmallDisk(folder);
            this.run = Files.createDirectories(folder.resolve("run"));
            this.log = beside.resolve("log");
        }

        /** The disk, a folder beside it, the rounds. */
        public static void main(String[] arguments) throws Exception {
            try (var _ = new PointerScope()) {
                new Loop(Path.of(arguments[0]), Path.of(arguments[1]))
                        .run(Rounds.of(List.of(arguments).subList(2, 5)));
            }
        }

        private void run(Rounds rounds) throws Exception {
            goesOn();
            long size = size(TrainingState.latest(run).orElseThrow());
            System.out.println("a checkpoint takes " + size + " bytes");
            int full = 0;
            int after = 0;
            for (; rounds.goesOn(full); full++) {
                Child child = SavingProcess.start(run, log);
                Thread.sleep(Duration.ofMillis(rounds.random().nextInt(300)));
                fillUntilItEnds(child, (long) (rounds.random().nextDouble() * size));
                disk.assertFailedInOneLine(child, "");
                long saved = SavingProcess.saved(child);
                after += saved > 0 ? 1 : 0;
                SavingProcess.check(state, run, saved);
                disk.free();
                goesOn();
            }
            System.out.printf("%d runs met a full disk, %d of them after a save of theirs%n", full, after);
        }

        /** Takes the room away anew as often as the process deletes an old checkpoint. */
        private void fillUntilItEnds(Child child, long left) throws Exception {
            long start = System.nanoTime();
            while (child.isAlive()) {
                disk.fill(left);
                Thread.sleep(Duration.ofMillis(1));
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
            }
        }

        /** With room, it saves again. */
        private void goesOn() throws Exception {
            Child child = SavingProcess.start(run, log);
            long start = System.nanoTime();
            while (SavingProcess.saved(child) == 0) {
                assertThat(child.isAlive()).as(child.err()).isTrue();
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
                Thread.sleep(Duration.ofMillis(2));
            }
            child.kill();
            SavingProcess.check(state, run, SavingProcess.saved(child));
        }

        private static long size(Path checkpoint) throws IOException {
            try (Stream<Path> files = Files.list(checkpoint)) {
                return files.mapToLong(f -> f.toFile().length()).sum();
            }
        }
    }
}
