package org.reimagen.knowledge.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reimagen.knowledge.KnowledgeBase;

class ParetoRetrieverTest extends RetrieverContract {
    @Override
    Retriever over(KnowledgeBase filled) {
        return new ParetoRetriever(new Bm25Retriever(filled));
    }

    private List<String> titles(String prompt, int k) {
        return over(base).retrieve(Query.of(prompt, k)).stream()
                .map(n -> n.pair().title().replaceAll(",.*", ""))
                .toList();
    }

    @Test
    void eachOfTwoThingsGetsItsShare() {
        assertThat(titles("a rocket and a flamingo", 4))
                .containsExactlyInAnyOrder("rocket", "flamingo", "rocket", "flamingo");
        assertThat(titles("a rocket and a flamingo", 2)).containsExactly("rocket", "flamingo");
        assertThat(over(base).retrieve(Query.of("a rocket and a flamingo", 4)))
                .extracting(Neighbor::score)
                .startsWith(1.0);
    }

    @Test
    void oneThingIsNotTakenApart() {
        assertThat(SubQueries.of("flamingo")).containsExactly("flamingo");
        assertThat(SubQueries.of("a fox, riding a bicycle")).containsExactly("a fox", "riding a bicycle");
        assertThat(SubQueries.of("a cat on a mat and the moon")).containsExactly("a cat", "a mat", "the moon");
        assertThat(SubQueries.of("and")).containsExactly("and");
        assertThat(titles("tiger, noto", 1)).containsExactly("tiger");
        assertThat(over(base)
                        .retrieve(Query.of("tiger, noto style", 1))
                        .getFirst()
                        .score())
                .isEqualTo(new Bm25Retriever(base)
                        .retrieve(Query.of("tiger, noto style", 1))
                        .getFirst()
                        .score());
    }
}
