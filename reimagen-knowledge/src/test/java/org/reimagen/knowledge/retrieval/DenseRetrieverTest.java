package org.reimagen.knowledge.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.knowledge.Drawings;
import org.reimagen.knowledge.Fields;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.Verification;
import org.reimagen.knowledge.encoder.CaptionEmbedder;
import org.reimagen.knowledge.encoder.Embedder;
import org.reimagen.knowledge.encoder.OutlineEmbedder;
import org.reimagen.knowledge.ingest.Embedding;

class DenseRetrieverTest extends RetrieverContract {
    @Override
    Retriever over(KnowledgeBase filled) {
        return new DenseRetriever(filled, new CaptionEmbedder(ENCODER));
    }

    @Test
    void findsWhatIsMeantAndNotSaid() {
        Retriever retriever = over(base);
        assertThat(retriever.retrieve(Query.of("a big striped wild cat", 2)))
                .allMatch(n -> n.pair().caption().startsWith("tiger"));
        assertThat(retriever.retrieve(Query.of("spaceship", 2)))
                .allMatch(n -> n.pair().caption().startsWith("rocket"));
    }

    @Test
    void scoresAreHalfOfOnePlusTheCosine() {
        Pair tiger = base.find("noto/tiger").orElseThrow();
        Neighbor same = over(base).retrieve(Query.of(tiger.caption(), 1)).getFirst();
        assertThat(same.pair()).isEqualTo(tiger);
        assertThat(same.score()).isBetween(0.9999, 1.0001);
    }

    @Test
    void theGraphOfALargeBaseGivesWhatComparingGives() {
        Query query = Query.of("a big striped wild cat", 8).excluding(Set.of("noto/tiger"));
        Embedder embedder = new CaptionEmbedder(ENCODER);
        List<Neighbor> walked = new DenseRetriever(base, embedder, 0).retrieve(query);
        List<Neighbor> compared = new DenseRetriever(base, embedder).retrieve(query);
        assertThat(walked).hasSize(7).extracting(Neighbor::pair).isEqualTo(pairs(compared));
        for (int i = 0; i < walked.size(); i++) {
            assertThat(walked.get(i).score()).isCloseTo(compared.get(i).score(), within(1e-6));
        }
    }

    private static List<Pair> pairs(List<Neighbor> found) {
        return found.stream().map(Neighbor::pair).toList();
    }

    @Test
    void aPictureFindsItself() {
        Retriever likeness = new DenseRetriever(base, new OutlineEmbedder());
        for (Pair pair : base.pairs()) {
            BufferedImage picture = base.picture(pair, 200);
            assertThat(likeness.retrieve(Query.of(picture, 3)).getFirst().pair().id())
                    .isEqualTo(pair.id());
        }
        assertThat(likeness.retrieve(Query.of("tiger", 3))).isEmpty();
    }

    @Test
    void aBaseWithoutVectorsIsRefusedAndSaysWhatToDo(@TempDir Path other) {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(other)) {
            writer.add(Drawings.pair("a", 1));
            writer.commit();
        }
        try (KnowledgeBase empty = KnowledgeBase.open(other)) {
            assertThatThrownBy(() -> over(empty))
                    .isInstanceOf(KnowledgeException.class)
                    .hasMessageContaining("1 of 1 pairs")
                    .hasMessageContaining("kb embed");
        }
    }

    @Test
    void embeddingAgainDoesOnlyWhatIsLackingAndLeavesTheBaseSound() {
        List<Embedder> embedders = Retrievers.embedders(ENCODER);
        String hash = base.hash();
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            Embedding embedding = new Embedding(embedders, n -> {});
            assertThat(embedding.run(base, writer)).isZero();
            writer.add(Drawings.pair("new", 7));
            writer.commit();
            try (KnowledgeBase grown = KnowledgeBase.open(folder)) {
                assertThat(grown.lacking(embedding.fields()))
                        .extracting(Pair::id)
                        .containsExactly("new");
                assertThat(embedding.run(grown, writer)).isEqualTo(1);
            }
        }
        assertThat(Verification.verify(folder)).isEmpty();
        try (KnowledgeBase again = KnowledgeBase.open(folder)) {
            assertThat(again.size()).isEqualTo(base.size() + 1);
            assertThat(again.lacking(List.of(Fields.vectors(Embedder.Modality.TEXT, ENCODER.name()))))
                    .isEmpty();
        }
        assertThat(base.hash()).isEqualTo(hash);
    }
}
