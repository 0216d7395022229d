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
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.Verification;
import org.reimagen.rig.Child;

/** A base that the real {@code kb add} fills, in a process of its own, with drawings each of which is known. */
final class AddedBase {
    /** A full commit and a partial one, {@code Ingest.COMMIT_EVERY} being 1,000. */
    static final int PICTURES = 1100;

    /** Every so many drawings one is as large as this: where it finds no room, the next may. */
    private static final int LARGE = 50;

    private static final int LARGE_BYTES = 40_000;

    /** What {@code kb add} says of its progress. */
    static final String PROGRESS = "\\d+ pairs safe";

    private static final Pattern SAFE = Pattern.compile(PROGRESS + "\n");
    private static final Duration REOPENED = Duration.ofSeconds(10);

    private final Path base;
    private final Path source;
    private final List<String> ids = new ArrayList<>();
    private final Map<String, byte[]> originals = new HashMap<>();
    private Duration slowest = Duration.ZERO;
    private int firstCommits;

    /** Draws what is added into {@code source}; the base is not there yet. */
    AddedBase(Path base, Path source) throws IOException {
        this.base = base;
        this.source = Files.createDirectories(source);
        for (int i = 0; i < PICTURES; i++) {
            String id = "ball-%04d.svg".formatted(i);
            byte[] svg = ("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' width='16' height='16'>"
                            + "<circle cx='8' cy='8' r='%d' fill='#%06x'/></svg>".formatted(3 + i % 5, 0x10000 + i)
                            + (i % LARGE == 0 ? "<!--" + "+".repeat(LARGE_BYTES) + "-->" : ""))
                    .getBytes(StandardCharsets.UTF_8);
            Files.write(source.resolve(id), svg);
            ids.add(id);
            originals.put(id, svg);
        }
    }

    /** Starts adding. */
    Child add(Path log) throws IOException {
        return Child.start(log, Main.class, "kb", "add", base.toString(), "--from", source.toString());
    }

    /** How many commits a run told of. */
    static long commits(Child adding) throws IOException {
        return SAFE.matcher(adding.err()).results().count();
    }

    /** How many pairs a run called safe; the end of a line that was cut off does not count. */
    static int safe(Child adding) throws IOException {
        return SAFE.matcher(adding.err())
                .results()
                .map(MatchResult::group)
                .mapToInt(line -> Integer.parseInt(line.substring(0, line.indexOf(' '))))
                .max()
                .orElse(0);
    }

    /** Checks what a run left, as the next reader and the next writer meet it; returns the number of pairs. */
    int check(int acknowledged) {
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

    /** As {@link #check}, but only reads. */
    int read(int acknowledged) {
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

    /** The slowest opening so far. */
    Duration slowest() {
        return slowest;
    }

    /** How often nothing was committed yet. */
    int firstCommits() {
        return firstCommits;
    }

    /** Deletes the base. */
    void delete() throws IOException {
        if (Files.exists(base)) {
            try (Stream<Path> files = Files.walk(base)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
