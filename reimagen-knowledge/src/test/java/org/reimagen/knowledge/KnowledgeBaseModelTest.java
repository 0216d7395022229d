package org.reimagen.knowledge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Random runs of the writer beside a map that says what must be there. */
class KnowledgeBaseModelTest {
    enum Kind {
        ADD,
        REMOVE,
        COMMIT,
        REOPEN
    }

    record Step(Kind kind, int id, int drawing) {}

    @Provide
    Arbitrary<List<Step>> runs() {
        Arbitrary<Kind> kinds =
                Arbitraries.of(Kind.ADD, Kind.ADD, Kind.ADD, Kind.ADD, Kind.REMOVE, Kind.COMMIT, Kind.REOPEN);
        return Combinators.combine(
                        kinds,
                        Arbitraries.integers().between(0, 5),
                        Arbitraries.integers().between(1, 6))
                .as(Step::new)
                .list()
                .ofMaxSize(30);
    }

    @Property(tries = 30, shrinking = ShrinkingMode.OFF)
    void theBaseHoldsWhatAMapWould(@ForAll("runs") List<Step> steps) throws IOException {
        Path folder = Files.createTempDirectory("model");
        Model model = new Model(folder);
        for (Step step : steps) {
            model.take(step);
        }
        model.writer.close();
        model.check();
        delete(folder);
    }

    private static final class Model {
        private final Path folder;
        private final Map<String, Integer> added = new TreeMap<>();
        private final Map<String, Integer> committed = new TreeMap<>();
        private final Set<Integer> blocked = new HashSet<>();
        private KnowledgeBaseWriter writer;

        private Model(Path folder) {
            this.folder = folder;
            this.writer = KnowledgeBaseWriter.open(folder);
        }

        private void take(Step step) {
            switch (step.kind()) {
                case ADD -> add("id" + step.id(), step.drawing());
                case REMOVE -> remove(step.drawing());
                case COMMIT -> commit();
                case REOPEN -> reopen();
            }
        }

        private void add(String id, int drawing) {
            boolean refused = false;
            try {
                writer.add(Drawings.pair(id, drawing));
                added.put(id, drawing);
            } catch (KnowledgeException e) {
                refused = true;
            }
            assertThat(refused).isEqualTo(blocked.contains(drawing));
        }

        private void remove(int drawing) {
            writer.remove(Originals.hash(Drawings.svg(drawing)));
            blocked.add(drawing);
            added.values().removeIf(d -> d == drawing);
            settle();
            check();
        }

        private void commit() {
            writer.commit();
            settle();
            check();
        }

        private void settle() {
            committed.clear();
            committed.putAll(added);
        }

        private void reopen() {
            writer.close();
            added.clear();
            added.putAll(committed);
            assertThat(Verification.verify(folder)).isEmpty();
            writer = KnowledgeBaseWriter.open(folder);
        }

        private void check() {
            Map<String, Integer> found = new TreeMap<>();
            try (KnowledgeBase base = KnowledgeBase.open(folder)) {
                for (Pair pair : base.pairs()) {
                    found.put(pair.id(), Integer.valueOf(pair.caption().substring("drawing ".length())));
                    assertThat(base.original(pair)).isEqualTo(Drawings.svg(found.get(pair.id())));
                }
                assertThat(base.size()).isEqualTo(committed.size());
            }
            assertThat(found).isEqualTo(committed);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }
}
