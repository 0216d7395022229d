package org.reimagen.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.Verification;

/**
 * Kills the real {@code kb add}, a process of its own, at random moments of its whole run: no pair that it called safe is lost
 * or stands twice, the index is whole, and it opens again within ten seconds.
 *
 * <p>System properties: {@code kills} (how many), {@code kill.seed}, {@code kill.minutes} (stop earlier).
 */
class KillAddTest {
    /** A full commit and a partial one, {@code Ingest.COMMIT_EVERY} being 1,000. */
    private static final int PICTURES = 1100;

    private static final Pattern SAFE = Pattern.compile("(\\d+) pairs safe\n");
    private static final Duration REOPENED = Duration.ofSeconds(10);

    @TempDir
    Path temporary = Path.of("");

    private final List<String> ids = new ArrayList<>();
    private final Map<String, byte[]> originals = new HashMap<>();
    private Path base = Path.of("");
    private Path source = Path.of("");
    private Duration slowest = Duration.ZERO;
    private int firstCommits;

    @BeforeEach
    void draw() throws IOException {
        base = temporary.resolve("base");
        source = Files.createDirectories(temporary.resolve("source"));
        for (int i = 0; i < PICTURES; i++) {
            String id = "ball-%04d.svg".formatted(i);
            byte[] svg = ("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' width='16' height='16'>"
                            + "<circle cx='8' cy='8' r='%d' fill='#%06x'/></svg>".formatted(3 + i % 5, 0x10000 + i))
                    .getBytes(StandardCharsets.UTF_8);
            Files.write(source.resolve(id), svg);
            ids.add(id);
            originals.put(id, svg);
        }
    }

    @Test
    void aFewKillsLoseNothingThatWasCalledSafe() throws Exception {
        kill(2, 11, Duration.ofMinutes(2));
    }

    @Test
    @Tag("slow")
    void manyKillsLoseNothingThatWasCalledSafe() throws Exception {
        kill(
                Integer.getInteger("kills", 60),
                Long.getLong("kill.seed", System.nanoTime()),
                Duration.ofMinutes(Integer.getInteger("kill.minutes", 60)));
    }

    private void kill(int times, long seed, Duration atMost) throws Exception {
        System.out.println("kill.seed " + seed);
        Random random = new Random(seed);
        long start = System.nanoTime();
        long wholeRun = run(0, Long.MAX_VALUE).toMillis();
        assertThat(check(PICTURES)).isEqualTo(PICTURES);
        delete(base);
        int killed = 0;
        int ended = 0;
        int acknowledged = 0;
        while (killed < times && System.nanoTime() - start < atMost.toNanos()) {
            long delay = (long) (random.nextDouble() * wholeRun / 2); // to the next commit, more or less
            boolean early = run(random.nextInt(2), delay).isNegative();
            acknowledged = Math.max(acknowledged, safe());
            check(acknowledged);
            killed += early ? 1 : 0;
            ended += early ? 0 : 1;
            if (!early || random.nextInt(3) == 0) {
                delete(base);
                acknowledged = 0;
            }
            if (killed % 50 == 0) {
                System.out.println(report(killed, ended));
            }
        }
        System.out.println(report(killed, ended));
        assertThat(killed).isPositive();
    }

    private String report(int killed, int ended) {
        return "%d kills, %d of them before the first commit, %d runs ended before their kill; slowest reopening %d ms"
                .formatted(killed, firstCommits, ended, slowest.toMillis());
    }

    /**
     * Adds the pictures; returns how long it took, negative if it was killed.
     *
     * @param commits how many to wait for before the kill
     * @param millis from there to the kill
     */
    private Duration run(int commits, long millis) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Djava.awt.headless=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "kb",
                        "add",
                        base.toString(),
                        "--from",
                        source.toString())
                .redirectOutput(temporary.resolve("out.txt").toFile())
                .redirectError(temporary.resolve("err.txt").toFile())
                .start();
        while (child.isAlive() && SAFE.matcher(said()).results().count() < commits) {
            Thread.sleep(Duration.ofMillis(2));
        }
        if (child.waitFor(Duration.ofMillis(Math.min(millis, 600_000)))) {
            assertThat(child.exitValue()).as(said()).isZero();
            return Duration.ofNanos(System.nanoTime() - start);
        }
        child.destroyForcibly().waitFor();
        return Duration.ofNanos(start - System.nanoTime());
    }

    private String said() throws IOException {
        return Files.readString(temporary.resolve("err.txt"));
    }

    /** How many pairs the run called safe; the end of a line that was cut off does not count. */
    private int safe() throws IOException {
        return SAFE.matcher(said())
                .results()
                .map(MatchResult::group)
                .mapToInt(line -> Integer.parseInt(line.substring(0, line.indexOf(' '))))
                .max()
                .orElse(0);
    }

    /** Checks what a killed run left, as the next reader and the next writer meet it; returns the number of pairs. */
    private int check(int acknowledged) {
        int size = read(acknowledged);
        KnowledgeBaseWriter opened = timed(() -> KnowledgeBaseWriter.open(base));
        opened.close();
        assertThat(Verification.verify(base)).isEmpty();
        return size;
    }

    private <T> T timed(Supplier<T> opening) {
        long start = System.nanoTime();
        T opened = opening.get();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertThat(took).isLessThan(REOPENED);
        slowest = took.compareTo(slowest) > 0 ? took : slowest;
        return opened;
    }

    private int read(int acknowledged) {
        try (KnowledgeBase opened = timed(() -> KnowledgeBase.open(base))) {
            List<Pair> pairs = opened.pairs();
            assertThat(pairs).extracting(Pair::id).doesNotHaveDuplicates().isSubsetOf(ids);
            assertThat(pairs).extracting(Pair::id).containsAll(ids.subList(0, acknowledged));
            assertThat(pairs.stream().filter(p -> !Arrays.equals(opened.original(p), originals.get(p.id()))))
                    .isEmpty();
            firstCommits += pairs.isEmpty() ? 1 : 0;
            return pairs.size();
        } catch (KnowledgeException e) {
            assertThat(acknowledged).as(String.valueOf(e.getMessage())).isZero();
            assertThat(e).hasMessageMatching(".*(is no knowledge base|the knowledge base is empty).*");
            firstCommits++;
            return 0;
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
