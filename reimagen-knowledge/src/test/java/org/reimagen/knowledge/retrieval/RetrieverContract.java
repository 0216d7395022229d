package org.reimagen.knowledge.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.knowledge.Drawings;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.encoder.CachingTextEncoder;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.knowledge.ingest.Embedding;

/** What every retriever promises, whatever it searches with. */
abstract class RetrieverContract {
    private static final List<String> ENTITIES = List.of("flamingo", "tiger", "rocket", "tiger face");
    private static final List<String> STYLES = List.of("noto", "twemoji");

    /** One for all tests: loading it is slow. */
    static final TextEncoder ENCODER = new CachingTextEncoder(OnnxTextEncoder.builtIn(), 100);

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    KnowledgeBase base;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Retriever retriever;

    /** The retriever under test. */
    abstract Retriever over(KnowledgeBase filled);

    @BeforeEach
    void fill() {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            int number = 0;
            for (String style : STYLES) {
                for (String entity : ENTITIES) {
                    String caption = entity + ", " + style + " style";
                    byte[] svg = Drawings.svg(++number * 9973);
                    writer.add(Drawings.pair(style + "/" + entity, caption, style, svg));
                }
            }
            writer.commit();
            embed(folder, writer);
        }
        base = KnowledgeBase.open(folder);
        retriever = over(base);
    }

    @AfterEach
    void close() {
        base.close();
    }

    private List<String> ids(Query query) {
        return retriever.retrieve(query).stream().map(n -> n.pair().id()).toList();
    }

    @Test
    void theNamedEntityComesFirstRankedByScore() {
        List<Neighbor> found = retriever.retrieve(Query.of("flamingo", 8));
        assertThat(found.subList(0, 2)).extracting(n -> n.pair().caption()).allMatch(c -> c.contains("flamingo"));
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).rank()).isEqualTo(i + 1);
            assertThat(found.get(i).score())
                    .isLessThanOrEqualTo(found.get(Math.max(0, i - 1)).score());
        }
    }

    @Test
    void noMoreThanAskedAndTheSameEachTime() {
        for (int k = 0; k < 6; k++) {
            Query query = Query.of("tiger, noto style", k);
            assertThat(ids(query)).hasSize(k).doesNotHaveDuplicates().isEqualTo(ids(query));
        }
    }

    @Test
    void nothingAskedIsAnEmptyList() {
        assertThat(ids(Query.of("", 4))).isEmpty();
        assertThat(ids(Query.of("\u0000 \"( ~ *?:", 4))).isEmpty();
    }

    @Test
    void filtersHold() {
        Filters noto = new Filters(Set.of("noto"), Set.of(), Set.of(), Set.of());
        assertThat(ids(Query.of("tiger", 9).filtered(noto))).isNotEmpty().allMatch(id -> id.startsWith("noto/"));
        Filters notNoto = new Filters(Set.of(), Set.of(), Set.of(), Set.of("noto"));
        assertThat(ids(Query.of("tiger", 9).filtered(notNoto))).isNotEmpty().noneMatch(id -> id.startsWith("noto/"));
        Filters licence = new Filters(Set.of(), Set.of("CC0-1.0"), Set.of(), Set.of());
        assertThat(ids(Query.of("tiger", 9).filtered(licence))).isEmpty();
        String entity = base.find("noto/rocket").map(Pair::entity).orElseThrow();
        Filters rockets = new Filters(Set.of(), Set.of("MIT"), Set.of(entity), Set.of());
        assertThat(ids(Query.of("rocket", 9).filtered(rockets))).contains("noto/rocket");
    }

    @Test
    void excludedIdsAndNearDuplicatesStayAway() {
        Pair target = base.find("noto/flamingo").orElseThrow();
        assertThat(ids(Query.of("flamingo", 4).excluding(Set.of(target.id()))))
                .startsWith("twemoji/flamingo")
                .doesNotContain("noto/flamingo");
        assertThat(ids(Query.of("flamingo", 4).excludingNearDuplicatesOf(target.perceptualHash())))
                .doesNotContain(target.id());
    }

    /** Many threads fill a base, in an order that nobody knows: pairs that score alike come in the same order from each that holds them. */
    @Test
    void equalsAreOrderedAlikeHoweverTheBaseWasFilled(@TempDir Path forwards, @TempDir Path backwards) {
        List<Integer> numbers = IntStream.range(0, 24).boxed().toList();
        assertThat(stars(forwards, numbers)).hasSize(8).isEqualTo(stars(backwards, numbers.reversed()));
    }

    private List<String> stars(Path filled, List<Integer> numbers) {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(filled)) {
            numbers.forEach(
                    n -> writer.add(Drawings.pair("set" + n + "/star", "star", "set" + n, Drawings.svg(n * 9973))));
            writer.commit();
            embed(filled, writer);
        }
        try (KnowledgeBase stars = KnowledgeBase.open(filled)) {
            return over(stars).retrieve(Query.of("star", 8)).stream()
                    .map(n -> n.pair().id())
                    .toList();
        }
    }

    private static void embed(Path filled, KnowledgeBaseWriter writer) {
        try (KnowledgeBase unembedded = KnowledgeBase.open(filled)) {
            new Embedding(Retrievers.embedders(ENCODER), n -> {}).run(unembedded, writer);
        }
    }

    @Test
    void anImpossibleNumberIsRefused() {
        assertThatThrownBy(() -> Query.of("tiger", -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Query.of("tiger", 1001)).isInstanceOf(IllegalArgumentException.class);
    }
}
