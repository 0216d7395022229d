package org.reimagen.knowledge.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reimagen.knowledge.KnowledgeBase;

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
