package org.reimagen.knowledge.retrieval;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.DoubleValuesSource;
import org.apache.lucene.search.FieldDoc;
import org.apache.lucene.search.FullPrecisionFloatVectorSimilarityValuesSource;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.jspecify.annotations.Nullable;
import org.reimagen.knowledge.Fields;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.encoder.Embedder;
import org.reimagen.knowledge.encoder.Embedder.Modality;

/**
 * Nearest vectors; the score is (1 + cosine) / 2.
 *
 * <p>Up to {@value #EXACT} pairs every allowed vector is compared, so that nothing is missed and two bases that were given
 * the same pairs answer alike; a larger base is searched by Lucene's HNSW graph, which depends on the order in which it was
 * filled.
 *
 * <p>A query's picture is looked up among pictures; its text among captions, or among pictures where the embedder maps both
 * into one space. A query with neither that the embedder takes finds nothing. <b>Source</b>: Malkov and Yashunin, arXiv
 * 1603.09320.
 */
public final class DenseRetriever implements Retriever {
    /** Places kept while walking the graph: with fewer, true neighbours are missed. */
    private static final int FEWEST = 128;

    /** Pairs up to which each is compared. 14,289 take 5 ms for captions and 9 ms for pictures; the page may take 100 ms a query. */
    static final int EXACT = 100_000;

    private final KnowledgeBase base;
    private final Embedder embedder;
    private final int exact;

    /**
     * Over the vectors that {@code embedder} gave.
     *
     * @param embedder stays the caller's
     * @throws KnowledgeException if pairs of the base lack those vectors
     */
    public DenseRetriever(KnowledgeBase base, Embedder embedder) {
        this(base, embedder, EXACT);
    }

    /** As above, with the graph for bases of more than {@code exact} pairs. */
    DenseRetriever(KnowledgeBase base, Embedder embedder, int exact) {
        this.base = base;
        this.embedder = embedder;
        this.exact = exact;
        List<String> fields = new ArrayList<>();
        embedder.modalities().forEach(modality -> fields.add(Fields.vectors(modality, embedder.name())));
        int lacking = base.lacking(fields).size();
        if (lacking > 0) {
            boolean dual = fields.size() == Modality.values().length;
            throw new KnowledgeException("%s: %d of %d pairs have no vectors of %s; make them with kb embed%s"
                    .formatted(base.folder(), lacking, base.size(), embedder.name(), dual ? " --clip" : ""));
        }
    }

    @Override
    public List<Neighbor> retrieve(Query query) {
        float[] vector = vector(query);
        if (vector == null || query.k() == 0 || base.size() == 0) {
            return List.of();
        }
        BooleanQuery.Builder allowed = new BooleanQuery.Builder().add(MatchAllDocsQuery.INSTANCE, Occur.MUST);
        Candidates.restrict(allowed, query);
        BooleanQuery filter = allowed.build();
        String field = Fields.vectors(searched(), embedder.name());
        return Candidates.collect(base, query, wanted -> {
            return base.size() <= exact
                    ? compared(field, vector, filter, wanted)
                    : walked(field, vector, filter, wanted);
        });
    }

    private ScoreDoc[] compared(String field, float[] vector, BooleanQuery filter, int wanted) throws IOException {
        DoubleValuesSource similarity =
                new FullPrecisionFloatVectorSimilarityValuesSource(vector, field, Fields.SIMILARITY);
        Sort nearest = Candidates.bestFirst(similarity.getSortField(true)).rewrite(base.searcher());
        ScoreDoc[] hits = base.searcher().search(filter, wanted, nearest).scoreDocs;
        for (ScoreDoc hit : hits) {
            hit.score = ((Double) ((FieldDoc) hit).fields[0]).floatValue();
        }
        return hits;
    }

    private ScoreDoc[] walked(String field, float[] vector, BooleanQuery filter, int wanted) throws IOException {
        int k = Math.min(Math.max(wanted, FEWEST), base.size());
        return base.searcher().search(new KnnFloatVectorQuery(field, vector, k, filter), k).scoreDocs;
    }

    private Modality searched() {
        return embedder.modalities().contains(Modality.PICTURE) ? Modality.PICTURE : Modality.TEXT;
    }

    private float @Nullable [] vector(Query query) {
        BufferedImage picture = query.picture();
        if (picture != null && embedder.modalities().contains(Modality.PICTURE)) {
            return embedder.embed(picture);
        }
        boolean asked = query.text().codePoints().anyMatch(Character::isLetterOrDigit);
        return asked && embedder.modalities().contains(Modality.TEXT) ? embedder.embed(query.text()) : null;
    }
}
