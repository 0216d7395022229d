package org.reimagen.knowledge.ingest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.reimagen.knowledge.Fields;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.encoder.Embedder;

/** Gives the pairs of a base the vectors that dense retrieval searches; goes on where an earlier run was killed. */
public final class Embedding {
    private final List<Embedder> embedders;
    private final IntConsumer committed;

    /**
     * @param embedders stay the caller's; all of them, since a pair gets all its vectors at once
     * @param committed told the number of pairs done, after each commit
     */
    public Embedding(List<Embedder> embedders, IntConsumer committed) {
        this.embedders = List.copyOf(embedders);
        this.committed = committed;
    }

    /** The fields of vectors that a pair gets. */
    public List<String> fields() {
        List<String> fields = new ArrayList<>();
        for (Embedder embedder : embedders) {
            embedder.modalities().stream()
                    .sorted()
                    .forEach(modality -> fields.add(Fields.vectors(modality, embedder.name())));
        }
        return fields;
    }

    /**
     * Embeds every pair that lacks a vector.
     *
     * @param base the last commit of what {@code writer} writes
     * @return number of pairs embedded, all durable
     */
    public int run(KnowledgeBase base, KnowledgeBaseWriter writer) {
        int done = 0;
        for (Pair pair : base.lacking(fields())) {
            writer.embed(pair, vectors(base, pair));
            done++;
            if (done % Ingest.COMMIT_EVERY == 0) {
                writer.commit();
                committed.accept(done);
            }
        }
        writer.commit();
        committed.accept(done);
        return done;
    }

    private Map<String, float[]> vectors(KnowledgeBase base, Pair pair) {
        Map<String, float[]> vectors = new HashMap<>();
        for (Embedder embedder : embedders) {
            for (Embedder.Modality modality : embedder.modalities()) {
                float[] vector = switch (modality) {
                    case TEXT -> embedder.embed(pair.caption());
                    case PICTURE -> embedder.embed(base.picture(pair, embedder.side()));
                };
                vectors.put(Fields.vectors(modality, embedder.name()), vector);
            }
        }
        return vectors;
    }
}
