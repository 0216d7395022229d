package org.reimagen.knowledge.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;
import org.reimagen.knowledge.KnowledgeBase;

class WeightedRetrieverTest extends RetrieverContract {
    @Override
    Retriever over(KnowledgeBase filled) {
        return Retrievers.WEIGHTED.over(filled, ENCODER);
    }

    @Test
    void aPictureCountsBesideTheWords() {
        BufferedImage rocket = base.picture(base.find("twemoji/rocket").orElseThrow(), 64);
        assertThat(over(base).retrieve(Query.of(rocket, 1)).getFirst().pair().id())
                .isEqualTo("twemoji/rocket");
        assertThat(over(base)
                        .retrieve(Query.of("rocket", 1).withPicture(rocket))
                        .getFirst()
                        .pair()
                        .id())
                .isEqualTo("twemoji/rocket");
    }
}
