package org.reimagen.knowledge.retrieval;

import java.util.List;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.encoder.CaptionEmbedder;
import org.reimagen.knowledge.encoder.Embedder;
import org.reimagen.knowledge.encoder.OutlineEmbedder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.knowledge.retrieval.FusionRetriever.Part;

/** The retrievers that can be asked for by name, over the embedders that the library carries. */
public enum Retrievers {
    /** Words: {@link Bm25Retriever}. */
    BM25,
    /** Meaning of captions, or likeness of pictures where the query has one: {@link DenseRetriever}. */
    DENSE,
    /** Words, meaning and likeness by their ranks: {@link Fusion.ReciprocalRank}. */
    RRF,
    /** Words, meaning and likeness by their scores: {@link Fusion.ShareOfBest}. */
    WEIGHTED;

    /** What words count beside meaning in {@link #WEIGHTED}: BM25's shares spread over 0 to 1, those of cosines do not. */
    private static final double MEANING = 4;

    /**
     * The embedders that vectors of a base are made with.
     *
     * @param encoder of captions; stays the caller's
     */
    public static List<Embedder> embedders(TextEncoder encoder) {
        return List.of(new CaptionEmbedder(encoder), new OutlineEmbedder());
    }

    /**
     * The retriever of this name over the vectors of a dual encoder, which finds pictures by text and by picture: {@link #DENSE} is its
     * own, the fusions join it with words.
     *
     * @param dual maps texts and pictures into one space; stays the caller's
     * @throws KnowledgeException if the base lacks the vectors that it needs
     */
    public Retriever overDual(KnowledgeBase base, Embedder dual) {
        Retriever words = new Bm25Retriever(base);
        return switch (this) {
            case BM25 -> words;
            case DENSE -> new DenseRetriever(base, dual);
            case RRF ->
                new FusionRetriever(
                        Fusion.ReciprocalRank.STANDARD,
                        List.of(new Part(words, 1), new Part(new DenseRetriever(base, dual), 1)));
            case WEIGHTED ->
                new FusionRetriever(
                        new Fusion.ShareOfBest(),
                        List.of(new Part(words, 1), new Part(new DenseRetriever(base, dual), MEANING)));
        };
    }

    /**
     * The retriever of this name.
     *
     * @param encoder of prompts, the one that the captions were embedded with; stays the caller's
     * @throws KnowledgeException if the base lacks the vectors that it needs
     */
    public Retriever over(KnowledgeBase base, TextEncoder encoder) {
        Retriever words = new Bm25Retriever(base);
        if (this == BM25) {
            return words;
        }
        Retriever meaning = new DenseRetriever(base, new CaptionEmbedder(encoder));
        Retriever likeness = new DenseRetriever(base, new OutlineEmbedder());
        return switch (this) {
            case BM25 -> words;
            case DENSE -> query -> (query.picture() == null ? meaning : likeness).retrieve(query);
            case RRF ->
                new FusionRetriever(
                        Fusion.ReciprocalRank.STANDARD,
                        List.of(new Part(words, 1), new Part(meaning, 1), new Part(likeness, 1)));
            case WEIGHTED ->
                new FusionRetriever(
                        new Fusion.ShareOfBest(),
                        List.of(new Part(words, 1), new Part(meaning, MEANING), new Part(likeness, MEANING)));
        };
    }
}
