package org.reimagen.knowledge.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.reimagen.knowledge.Drawings;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.NewPair;

class Bm25RetrieverTest extends RetrieverContract {
    @Override
    Retriever over(KnowledgeBase filled) {
        return new Bm25Retriever(filled);
    }

    @Test
    void wordsAreStemmedAndCaseIsIgnored() {
        List<Neighbor> found = new Bm25Retriever(base).retrieve(Query.of("FLAMINGOS", 1));
        assertThat(found)
                .singleElement()
                .extracting(n -> n.pair().entity())
                .asString()
                .contains("flamingo");
    }

    @Test
    void onlyWhatSharesAWordIsFound() {
        Retriever retriever = new Bm25Retriever(base);
        assertThat(retriever.retrieve(Query.of("flamingo", 8))).hasSize(2);
        assertThat(retriever.retrieve(Query.of("zygomorphic", 4))).isEmpty();
        assertThat(retriever.retrieve(Query.of("( AND ~ *?:", 4))).isEmpty();
    }

    @Test
    void aMisspeltWordIsGuessedAndAKnownOneIsNot() {
        Retriever retriever = new Bm25Retriever(base);
        for (String misspelt : List.of("flamigno", "flmingo", "flamingoo", "flaminko")) {
            assertThat(retriever.retrieve(Query.of(misspelt, 8)))
                    .as(misspelt)
                    .hasSize(2)
                    .allMatch(n -> n.pair().entity().contains("flamingo"));
        }
        assertThat(retriever.retrieve(Query.of("lamingo", 8))).isEmpty();
        assertThat(retriever.retrieve(Query.of("tiger", 8))).hasSize(4);
    }

    @Test
    void anEntityNamedLetterForLetterComesBeforeWhatRepeatsItsWord() {
        Path own = folder.resolve("own");
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(own)) {
            writer.add(named("sign", "no bicycles", "bicycle", "bicycles forbidden"));
            writer.add(named("thing", "Bicycle", "bike"));
            for (String other : List.of("owl", "fox", "bus", "cup", "hat", "jar", "key", "log", "map", "net")) {
                writer.add(named(other, other, "round"));
            }
            writer.commit();
        }
        try (KnowledgeBase bicycles = KnowledgeBase.open(own)) {
            Retriever retriever = new Bm25Retriever(bicycles);
            for (String text : List.of("bicycle", "A bicycle", "an old bicycle, in the rain", "Bicycle!")) {
                assertThat(retriever.retrieve(Query.of(text, 2)))
                        .as(text)
                        .extracting(n -> n.pair().id())
                        .containsExactly("thing", "sign");
            }
            String many = "bicycle. no bicycles, owl fox bus cup hat jar ".repeat(200);
            assertThat(retriever.retrieve(Query.of(many, 12))).hasSize(8);
            assertThat(retriever.retrieve(Query.of("no bicycles", 1)))
                    .singleElement()
                    .matches(n -> n.pair().id().equals("sign"));
        }
    }

    private static NewPair named(String id, String entity, String... tags) {
        NewPair.Text text = new NewPair.Text(entity + ", plain style", entity, entity, "plain", List.of(tags));
        return new NewPair(id, text, new NewPair.Credit("MIT", "someone", "test"), Drawings.svg(id.hashCode()));
    }

    @Test
    void lengthCountsOnlyWhereBIsAboveZero() {
        assertThat(difference(0f)).isZero();
        assertThat(difference(1f)).isPositive();
    }

    /** Score of "tiger" less that of "tiger face" for the word tiger. */
    private double difference(float b) {
        List<Neighbor> found = new Bm25Retriever(base, 1.2f, b).retrieve(Query.of("tiger", 8));
        return score(found, "noto/tiger") - score(found, "noto/tiger face");
    }

    private static double score(List<Neighbor> found, String id) {
        return found.stream()
                .filter(n -> n.pair().id().equals(id))
                .findFirst()
                .orElseThrow()
                .score();
    }

    @Test
    void parametersOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new Bm25Retriever(base, -1f, 0.5f)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Bm25Retriever(base, 1f, 1.5f)).isInstanceOf(IllegalArgumentException.class);
    }
}
