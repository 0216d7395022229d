package org.reimagen.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.rig.Child;
import org.reimagen.rig.Rounds;
import org.reimagen.rig.SmallDisk;

/**
 * The real {@code kb add} on a disk that fills up at a random point of its run: it ends with 1 and one line that names path and reason, no
 * pair that it called safe is lost, and once there is room it goes on.
 *
 * <p>System properties: {@code fills} (how many), {@code fill.seed}, {@code fill.minutes} (stop earlier).
 */
class FullDiskTest {
    private static final int MEBIBYTES = 32;

    @TempDir
    Path temporary = Path.of("");

    @Test
    @Tag("slow")
    void nothingThatWasCalledSafeIsLostAndItGoesOn() throws Exception {
        SmallDisk.run(temporary, MEBIBYTES, Loop.class, Rounds.asked("fill", 8));
        assertThat(temporary.resolve("disk")).as("was seen by the loop alone").isEmptyDirectory();
    }

    /** What sees the disk. */
    static final class Loop {
        private final SmallDisk disk;
        private final AddedBase base;
        private final Path log;

        private Loop(Path folder, Path beside) throws Exception {
            this.disk = new SmallDisk(folder);
            this.base = new AddedBase(folder.resolve("base"), beside.resolve("source"));
            this.log = beside.resolve("log");
        }

        /** The disk, a folder beside it, the rounds. */
        public static void main(String[] arguments) throws Exception {
            new Loop(Path.of(arguments[0]), Path.of(arguments[1]))
                    .run(Rounds.of(List.of(arguments).subList(2, 5)));
        }

        private void run(Rounds rounds) throws Exception {
            long empty = disk.room();
            goesOn(0);
            long whole = empty - disk.room();
            System.out.println("the whole base takes " + whole + " bytes");
            base.delete();
            int full = 0;
            int enough = 0;
            int kept = 0;
            int acknowledged = 0;
            while (rounds.goesOn(full)) {
                long taken = empty - disk.room();
                double share = rounds.random().nextBoolean() // anywhere, or about the first commit and after it
                        ? rounds.random().nextDouble()
                        : 0.85 + 0.15 * rounds.random().nextDouble();
                disk.fill((long) (share * Math.max(0, whole - taken)));
                Child child = add();
                acknowledged = Math.max(acknowledged, AddedBase.safe(child));
                if (child.exit() == 0) {
                    assertThat(child.out()).doesNotContain("left out");
                    assertThat(base.read(AddedBase.PICTURES)).isEqualTo(AddedBase.PICTURES);
                    enough++;
                } else {
                    disk.assertFailedInOneLine(child, AddedBase.PROGRESS);
                    base.read(acknowledged);
                    kept += acknowledged > 0 ? 1 : 0;
                    full++;
                }
                disk.free();
                if (rounds.random().nextBoolean()) {
                    goesOn(acknowledged);
                    base.delete();
                    acknowledged = 0;
                }
            }
            System.out.printf(
                    "%d runs met a full disk, %d of them with pairs called safe; %d had room enough%n",
                    full, kept, enough);
        }

        private Child add() throws Exception {
            Child child = base.add(log);
            assertThat(child.endsWithin(Duration.ofMinutes(10))).isTrue();
            return child;
        }

        /** With room again, everything goes in. */
        private void goesOn(int acknowledged) throws Exception {
            base.check(acknowledged);
            Child child = add();
            assertThat(child.exit()).as(child.err()).isZero();
            assertThat(base.check(AddedBase.PICTURES)).isEqualTo(AddedBase.PICTURES);
        }
    }
}
