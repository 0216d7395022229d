package org.reimagen.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.knowledge.ingest.Embedding;
import org.reimagen.knowledge.retrieval.Neighbor;
import org.reimagen.knowledge.retrieval.Query;
import org.reimagen.knowledge.retrieval.Retrievers;
import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.pipeline.Vectors;

/** A server that looks references up in the vectors of a CLIP, and goes on doing so for pairs that are added. */
class VectorsTest {
    private static final Path CLIP = Path.of("../reimagen-knowledge/src/test/resources/golden/onnx_clip");

    @TempDir
    Path folder = Path.of("");

    private TestServer start() {
        return TestServer.start(folder, config -> config, reimagen -> reimagen.use(Retrievers.DENSE, CLIP));
    }

    private static List<String> ids(List<Neighbor> found) {
        return found.stream().map(n -> n.pair().id()).toList();
    }

    @Test
    void findsWhatTheRetrieverFindsAndEmbedsWhatIsAdded() {
        TestServer.start(folder).close(); // makes the files
        Path kb = folder.resolve("kb");
        assertThatThrownBy(this::start)
                .isInstanceOf(KnowledgeException.class)
                .hasMessageContaining("12 of 12 pairs have no vectors of")
                .hasMessageContaining("kb embed --clip");
        try (TextEncoder encoder = new TestServer.WordEncoder();
                Vectors vectors = Vectors.open(CLIP, encoder)) {
            try (KnowledgeBase base = KnowledgeBase.open(kb);
                    KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(kb)) {
                new Embedding(vectors.embedders(), _ -> {}).run(base, writer);
            }
            GenerationRequest request = GenerationRequest.of("red apple").withNeighbors(5);
            try (TestServer server = start()) {
                List<String> before = ids(server.studio().retrieve(request));
                assertThat(before).hasSize(5);
                server.studio().change(writer -> writer.add(TestServer.pair("red apple", "fluent")));
                try (KnowledgeBase base = KnowledgeBase.open(kb)) {
                    assertThat(base.lacking(new Embedding(vectors.embedders(), _ -> {}).fields()))
                            .isEmpty();
                    assertThat(ids(server.studio().retrieve(request)))
                            .isEqualTo(ids(
                                    vectors.retriever(Retrievers.DENSE, base).retrieve(Query.of("red apple", 5))));
                }
                assertThat(ids(server.studio().retrieve(request.withNeighbors(13))))
                        .hasSize(13)
                        .contains("fluent/red apple");
            }
        }
    }
}
