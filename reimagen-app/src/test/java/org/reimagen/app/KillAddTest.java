package org.reimagen.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.rig.Child;
import org.reimagen.rig.Rounds;

/**
 * Kills the real {@code kb add}, a process of its own, at random moments of its whole run: no pair that it called safe is lost
 * or stands twice, the index is whole, and it opens again within ten seconds.
 *
 * <p>System properties: {@code kills} (how many), {@code kill.seed}, {@code kill.minutes} (stop earlier).
 */
class KillAddTest {
    @TempDir
    Path temporary = Path.of("");

    private int safe;

    private AddedBase base() throws IOException {
        return new AddedBase(temporary.resolve("base"), temporary.resolve("source"));
    }

    @BeforeEach
    void nothingIsSafe() {
        safe = 0;
    }

    @Test
    void aFewKillsLoseNothingThatWasCalledSafe() throws Exception {
        kill(new Rounds(2, 11, Duration.ofMinutes(2)), base());
    }

    @Test
    @Tag("slow")
    void manyKillsLoseNothingThatWasCalledSafe() throws Exception {
        kill(Rounds.asked("kill", 60), base());
    }

    private void kill(Rounds rounds, AddedBase base) throws Exception {
        long wholeRun = run(base, 0, Long.MAX_VALUE).toMillis();
        assertThat(base.check(AddedBase.PICTURES)).isEqualTo(AddedBase.PICTURES);
        base.delete();
        int killed = 0;
        int ended = 0;
        int acknowledged = 0;
        while (rounds.goesOn(killed)) {
            long delay = (long) (rounds.random().nextDouble() * wholeRun / 2); // to the next commit, more or less
            boolean early = run(base, rounds.random().nextInt(2), delay).isNegative();
            acknowledged = Math.max(acknowledged, safe);
            base.check(acknowledged);
            killed += early ? 1 : 0;
            ended += early ? 0 : 1;
            if (!early || rounds.random().nextInt(3) == 0) {
                base.delete();
                acknowledged = 0;
            }
            if (killed % 50 == 0) {
                System.out.println(report(base, killed, ended));
            }
        }
        System.out.println(report(base, killed, ended));
        assertThat(killed).isPositive();
    }

    private static String report(AddedBase base, int killed, int ended) {
        return "%d kills, %d of them before the first commit, %d runs ended before their kill; slowest reopening %d ms"
                .formatted(killed, base.firstCommits(), ended, base.slowest().toMillis());
    }

    /**
     * Adds the pictures; returns how long it took, negative if it was killed.
     *
     * @param commits how many to wait for before the kill
     * @param millis from there to the kill
     */
    private Duration run(AddedBase base, int commits, long millis) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Child child = base.add(temporary.resolve("log"));
        while (child.isAlive() && AddedBase.commits(child) < commits) {
            Thread.sleep(Duration.ofMillis(2));
        }
        boolean ended = child.endsWithin(Duration.ofMillis(Math.min(millis, 600_000)));
        if (!ended) {
            child.kill();
        }
        safe = AddedBase.safe(child);
        if (ended) {
            assertThat(child.exit()).as(child.err()).isZero();
            return Duration.ofNanos(System.nanoTime() - start);
        }
        return Duration.ofNanos(start - System.nanoTime());
    }
}
