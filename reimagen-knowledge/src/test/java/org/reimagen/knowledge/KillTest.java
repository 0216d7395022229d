package org.reimagen.knowledge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills an ingest in a process of its own at random moments, the first commit included. */
class KillTest {
    private static final int COMMIT_EVERY = 7;

    @TempDir
    Path temporary;

    private Path folder = Path.of("");

    @BeforeEach
    void place() {
        folder = temporary.resolve("base");
    }

    @Test
    void aFewKillsLoseNothingAcknowledged() throws Exception {
        kill(5);
    }

    /** As many kills as the system property {@code kills} says, else 1,000. */
    @Test
    @Tag("slow")
    void manyKillsLoseNothingAcknowledged() throws Exception {
        kill(Integer.getInteger("kills", 1000));
    }

    private void kill(int times) throws Exception {
        Random random = new Random(11);
        int acknowledged = 0;
        for (int round = 0; round < times; round++) {
            acknowledged = Math.max(acknowledged, runAndKill(random.nextInt(2000), round == 0));
            assertNothingLost(acknowledged);
        }
        assertThat(acknowledged).isPositive();
        try (KnowledgeBaseWriter sweeping = KnowledgeBaseWriter.open(folder)) {
            assertThat(sweeping.find("id0").isPresent()).isTrue();
        }
        assertThat(Verification.verify(folder)).isEmpty();
    }

    /**
     * The highest count that the child acknowledged before it was killed.
     *
     * @param acknowledging whether to wait for the first acknowledgement, so that there is something to lose however slow
     *     the machine is; else the child may be killed at any time after its start
     */
    private int runAndKill(int millis, boolean acknowledging) throws IOException, InterruptedException {
        Path said = temporary.resolve("said.txt");
        Process child = start(said);
        String awaited = acknowledging ? ".\n" : "started";
        while (child.isAlive() && !Files.readString(said).contains(awaited)) {
            Thread.sleep(Duration.ofMillis(2));
        }
        Thread.sleep(Duration.ofMillis(millis));
        assertThat(child.isAlive()).as(Files.readString(said)).isTrue();
        child.destroyForcibly().waitFor();
        try (Stream<String> lines = Files.lines(said)) {
            return lines.filter(line -> line.endsWith("."))
                    .mapToInt(line -> Integer.parseInt(line, 0, line.length() - 1, 10))
                    .max()
                    .orElse(0);
        }
    }

    private Process start(Path said) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.awt.headless=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(said.toFile())
                .start();
    }

    private void assertNothingLost(int acknowledged) {
        try (KnowledgeBase base = KnowledgeBase.open(folder)) {
            assertThat(base.pairs()).extracting(Pair::id).doesNotHaveDuplicates();
            assertThat(base.size()).isGreaterThanOrEqualTo(acknowledged);
            for (int i = 0; i < acknowledged; i++) {
                Pair pair = base.find("id" + i).orElseThrow();
                assertThat(base.original(pair)).isEqualTo(Drawings.svg(i));
            }
        } catch (KnowledgeException e) {
            assertThat(acknowledged).as(String.valueOf(e.getMessage())).isZero();
        }
    }

    /** Adds pairs for ever, and says after each commit how many are durable. */
    static final class Child {
        private Child() {}

        /** Writes into the folder named by the first argument. */
        public static void main(String[] arguments) {
            System.out.println("started");
            try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(Path.of(arguments[0]))) {
                for (int i = 0; ; i++) {
                    writer.add(Drawings.pair("id" + i, i));
                    if (i % COMMIT_EVERY == 0) {
                        writer.commit();
                        System.out.println((i + 1) + ".");
                    }
                }
            }
        }
    }
}
