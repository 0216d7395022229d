package org.reimagen.knowledge.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.knowledge.Drawings;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.encoder.Embedder;
import org.reimagen.knowledge.ingest.Embedding;

/** A dual encoder's vectors behind the retrievers: text finds pictures, pictures find pictures. */
class DualRetrieverTest {
    @TempDir
    Path folder = Path.of("");

    /** Knows two things: "red" and red pixels, "blue" and blue ones. */
    private static final class Colours implements Embedder {
        @Override
        public String name() {
            return "colours";
        }

        @Override
        public int dim() {
            return 2;
        }

        @Override
        public Set<Modality> modalities() {
            return Set.of(Modality.TEXT, Modality.PICTURE);
        }

        @Override
        public float[] embed(String text) {
            return text.contains("crimson") ? new float[] {1, 0} : new float[] {0, 1};
        }

        @Override
        public float[] embed(BufferedImage picture) {
            int rgb = picture.getRGB(picture.getWidth() / 2, picture.getHeight() / 2);
            return (rgb >> 16 & 255) > (rgb & 255) ? new float[] {1, 0} : new float[] {0, 1};
        }

        @Override
        public void close() {
            assertThat(name()).isNotEmpty();
        }
    }

    @BeforeEach
    void fill() {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            writer.add(Drawings.pair("apple", "apple", "noto", Drawings.svg(0xEE1100)));
            writer.add(Drawings.pair("lake", "lake", "noto", Drawings.svg(0x0011EE)));
            writer.commit();
            try (KnowledgeBase plain = KnowledgeBase.open(folder)) {
                List<Embedder> all = new ArrayList<>(Retrievers.embedders(RetrieverContract.ENCODER));
                assertThatThrownBy(() -> Retrievers.DENSE.overDual(plain, new Colours()))
                        .isInstanceOf(KnowledgeException.class)
                        .hasMessageContaining("colours");
                all.add(new Colours());
                assertThat(new Embedding(all, n -> {}).run(plain, writer)).isEqualTo(2);
            }
        }
    }

    private static String first(Retriever retriever, Query query) {
        return retriever.retrieve(query).getFirst().pair().id();
    }

    @Test
    void textAndPictureFindPictures() {
        try (KnowledgeBase base = KnowledgeBase.open(folder)) {
            Retriever dense = Retrievers.DENSE.overDual(base, new Colours());
            assertThat(first(dense, Query.of("something crimson", 1))).isEqualTo("apple");
            assertThat(first(dense, Query.of("something azure", 1))).isEqualTo("lake");
            BufferedImage lake = base.picture(base.find("lake").orElseThrow(), 64);
            assertThat(first(dense, Query.of(lake, 1))).isEqualTo("lake");
        }
    }

    @Test
    void fusionHearsWordsToo() {
        try (KnowledgeBase base = KnowledgeBase.open(folder)) {
            assertThat(first(Retrievers.BM25.overDual(base, new Colours()), Query.of("apple", 1)))
                    .isEqualTo("apple");
            for (Retrievers kind : List.of(Retrievers.RRF, Retrievers.WEIGHTED)) {
                Retriever fused = kind.overDual(base, new Colours());
                assertThat(first(fused, Query.of("crimson apple", 1))).isEqualTo("apple");
                assertThat(first(fused, Query.of("something azure", 1))).isEqualTo("lake");
                assertThat(fused.retrieve(Query.of("apple", 2))).hasSize(2);
            }
        }
    }
}
