package org.reimagen.knowledge.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;

class FusionRetrieverTest extends RetrieverContract {
    @Override
    Retriever over(KnowledgeBase filled) {
        return Retrievers.RRF.over(filled, ENCODER);
    }

    private static Pair pair(String id) {
        return new Pair(id, id, id, id, "", List.of(), "MIT", "", "", "sha of " + id, true, 1, 1, 0);
    }

    /** A retriever that always answers "id score id score …". */
    private static Retriever fixed(Object... answer) {
        List<Neighbor> list = new ArrayList<>();
        for (int i = 0; i < answer.length; i += 2) {
            list.add(new Neighbor(pair((String) answer[i]), (double) answer[i + 1], i / 2 + 1));
        }
        return query -> list.subList(0, Math.min(query.k(), list.size()));
    }

    private static List<String> ids(List<Neighbor> found) {
        return found.stream().map(n -> n.pair().id()).toList();
    }

    private static FusionRetriever of(Fusion fusion, Retriever one, Retriever two) {
        return new FusionRetriever(fusion, List.of(new FusionRetriever.Part(one, 1), new FusionRetriever.Part(two, 1)));
    }

    @Test
    void reciprocalRanksAddUp() {
        FusionRetriever rrf =
                of(Fusion.ReciprocalRank.STANDARD, fixed("a", 9.0, "b", 8.0, "c", 1.0), fixed("c", 0.7, "b", 0.6));
        List<Neighbor> found = rrf.retrieve(Query.of("x", 3));
        assertThat(ids(found)).containsExactly("c", "b", "a");
        assertThat(found.get(0).score()).isCloseTo(1 / 63.0 + 1 / 61.0, within(1e-12));
        assertThat(found.get(1).score()).isCloseTo(1 / 62.0 + 1 / 62.0, within(1e-12));
        assertThat(found.get(2).score()).isCloseTo(1 / 61.0, within(1e-12));
    }

    @Test
    void sharesOfTheBestKeepAStrongHitUp() {
        FusionRetriever weighted =
                of(new Fusion.ShareOfBest(), fixed("a", 10.0, "b", 1.0), fixed("b", 0.80, "c", 0.79, "a", 0.78));
        List<Neighbor> found = weighted.retrieve(Query.of("x", 3));
        assertThat(ids(found)).containsExactly("a", "b", "c");
        assertThat(found.getFirst().score()).isCloseTo(1 + 0.78 / 0.80, within(1e-12));
        assertThat(found.getLast().score()).isCloseTo(0.79 / 0.80, within(1e-12));
    }

    @Test
    void aListThatWasCutOffGivesTheAbsentItsLastPlace() {
        Fusion.Points full =
                new Fusion.ShareOfBest().points(fixed("a", 4.0, "b", 3.0).retrieve(Query.of("x", 2)), true);
        assertThat(full.absent()).isEqualTo(0.75);
        Fusion.Points whole = new Fusion.ShareOfBest().points(fixed("a", 4.0).retrieve(Query.of("x", 2)), false);
        assertThat(whole.absent()).isZero();
    }

    @Test
    void aPartThatFindsNothingHasNoSay() {
        for (Fusion fusion : List.of(Fusion.ReciprocalRank.STANDARD, new Fusion.ShareOfBest())) {
            assertThat(ids(of(fusion, fixed(), fixed("b", 0.5, "a", 0.4)).retrieve(Query.of("x", 9))))
                    .containsExactly("b", "a");
        }
    }

    @Test
    void parametersOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new Fusion.ReciprocalRank(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new FusionRetriever.Part(fixed(), 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new FusionRetriever(new Fusion.ShareOfBest(), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
