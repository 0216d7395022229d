package org.reimagen.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.rig.Child;
import org.reimagen.rig.Rounds;

/**
 * Kills a process that does nothing but save checkpoints, at random moments: the newest one that it called saved loads, or a
 * newer one, and every number in it is of that very save.
 *
 * <p>System properties: {@code kills} (how many), {@code kill.seed}, {@code kill.minutes} (stop earlier).
 */
class KillSaveTest {
    @TempDir
    Path temporary = Path.of("");

    private Path folder = Path.of("");

    @BeforeEach
    void place() throws IOException {
        folder = Files.createDirectories(temporary.resolve("run"));
    }

    @Test
    void aFewKillsLeaveTheNewestCheckpoint() throws Exception {
        kill(new Rounds(2, 5, Duration.ofMinutes(2)));
    }

    @Test
    @Tag("slow")
    void manyKillsLeaveTheNewestCheckpoint() throws Exception {
        kill(Rounds.asked("kill", 60));
    }

    private void kill(Rounds rounds) throws Exception {
        int kills = 0;
        int amid = 0;
        try (var _ = new PointerScope()) {
            TrainingState state = SavingProcess.state();
            for (; rounds.goesOn(kills); kills++) {
                Child child = SavingProcess.start(folder, temporary.resolve("log"));
                Thread.sleep(Duration.ofNanos(rounds.random().nextInt(300_000) * 1000L));
                assertThat(child.isAlive()).as(child.err()).isTrue();
                child.kill();
                amid += unfinished() ? 1 : 0;
                SavingProcess.check(state, folder, SavingProcess.saved(child));
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
}
