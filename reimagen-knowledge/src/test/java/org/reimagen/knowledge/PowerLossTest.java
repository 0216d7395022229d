package org.reimagen.knowledge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loses power at random changes of the disk: the base is then as its last commit left it, or as the commit would have left it
 * in which the power went, and the next writer leaves no orphan.
 *
 * <p>System properties: {@code losses} (how many), {@code loss.seed}.
 */
class PowerLossTest {
    private static final int MOST_CHANGES = 300;

    @TempDir
    Path temporary = Path.of("");

    /** What a base holds: the number of its drawing by id. */
    private Map<String, Integer> acknowledged = new TreeMap<>();

    private Map<String, Integer> tried = new TreeMap<>();

    @Test
    void twentyLossesUndoNothingAcknowledged() throws IOException {
        lose(20, 3);
    }

    @Test
    @Tag("slow")
    void manyLossesUndoNothingAcknowledged() throws IOException {
        lose(Integer.getInteger("losses", 200), Long.getLong("loss.seed", System.nanoTime()));
    }

    private void lose(int times, long seed) throws IOException {
        System.out.println("loss.seed " + seed);
        Random random = new Random(seed);
        int pairs = 0;
        for (int round = 0; round < times; round++) {
            Path folder = temporary.resolve("base" + round / 8); // eight losses in a row, the first before any commit
            if (round % 8 == 0) {
                acknowledged = new TreeMap<>();
                tried = new TreeMap<>();
            }
            PowerLossFileSystem disk = new PowerLossFileSystem(random.nextInt(MOST_CHANGES));
            work(disk, disk.wrapPath(folder), random);
            disk.settle(random);
            pairs += check(folder, "round " + round);
        }
        assertThat(pairs).isPositive();
    }

    /** Adds, replaces, removes and commits until the power goes. */
    private void work(PowerLossFileSystem disk, Path folder, Random random) {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            Map<String, Integer> held = new HashMap<>(acknowledged);
            for (int i = 0; i < 60; i++) {
                String id = "id" + random.nextInt(40);
                int drawing = random.nextInt(1_000_000);
                writer.add(Drawings.pair(id, drawing));
                held.put(id, drawing);
                if (random.nextInt(6) == 0) {
                    tried = new TreeMap<>(held);
                    writer.commit();
                    acknowledged = tried;
                    if (random.nextInt(3) == 0) {
                        remove(writer, held, random);
                    }
                }
            }
            disk.lose();
        } catch (KnowledgeException | UncheckedIOException e) {
            assertThat(e).hasStackTraceContaining("the power is gone");
        }
    }

    private void remove(KnowledgeBaseWriter writer, Map<String, Integer> held, Random random) {
        List<String> ids = List.copyOf(new TreeMap<>(held).keySet());
        String id = ids.get(random.nextInt(ids.size()));
        String sha256 = Originals.hash(Drawings.svg(held.getOrDefault(id, 0)));
        held.remove(id);
        tried = new TreeMap<>(held);
        assertThat(writer.remove(sha256)).isEqualTo(1);
        acknowledged = tried;
    }

    private int check(Path folder, String round) {
        KnowledgeBaseWriter.open(folder).close();
        assertThat(Verification.verify(folder)).as(round).isEmpty();
        Map<String, Integer> found = new TreeMap<>();
        try (KnowledgeBase base = KnowledgeBase.open(folder)) {
            for (Pair pair : base.pairs()) {
                int drawing = Integer.parseInt(pair.caption().substring("drawing ".length()));
                assertThat(base.original(pair)).as(round).isEqualTo(Drawings.svg(drawing));
                assertThat(found.put(pair.id(), drawing)).as(round).isNull();
            }
        }
        assertThat(found).as(round).isIn(acknowledged, tried);
        acknowledged = found;
        tried = found;
        return found.size();
    }
}
