package org.reimagen.knowledge.retrieval;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.FuzzyQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.reimagen.knowledge.Fields;
import org.reimagen.knowledge.KnowledgeBase;

/**
 * BM25 over captions and tags, with English stemming; tags count half, and so does an entity that the text names letter for letter ({@link
 * NamedEntities}): who asks for a bicycle means that, and not the sign that forbids them. A word that occurs nowhere in the base is taken for
 * the words that it may be a misspelling of.
 *
 * <p>Near-duplicates of a given picture, and of a better neighbour with the same original, are passed over. Two bases that were given the same
 * pairs answer alike, in whatever order they got them; pairs that were removed count in a word's rarity until the index merges them away.
 * <b>Source</b>: Robertson and Zaragoza, 2009; as used by Re-Imagen for training.
 */
public final class Bm25Retriever implements Retriever {
    private static final float TAG_WEIGHT = 0.5f;
    private static final float NAME_WEIGHT = 0.5f;
    private static final int MOST_NAMES = 256; // with two clauses a word, fewer than Lucene allows
    private static final int SHORTEST_GUESSED = 4;
    private static final int LONG = 6;
    private static final int GUESSES = 10;

    private static final Sort BEST_FIRST = Candidates.bestFirst(SortField.FIELD_SCORE);

    private final KnowledgeBase base;
    private final IndexSearcher searcher;
    private final Analyzer analyzer = new EnglishAnalyzer();

    /** With Lucene's usual k1 = 1.2 and b = 0.75. */
    public Bm25Retriever(KnowledgeBase base) {
        this(base, 1.2f, 0.75f);
    }

    /**
     * With given parameters.
     *
     * @param k1 saturation of a repeated word, at least 0
     * @param b length normalisation in [0,1]
     */
    public Bm25Retriever(KnowledgeBase base, float k1, float b) {
        this.base = base;
        this.searcher = new IndexSearcher(base.searcher().getIndexReader());
        this.searcher.setSimilarity(new BM25Similarity(k1, b));
    }

    @Override
    public List<Neighbor> retrieve(Query query) {
        List<String> words = words(query.text());
        if (words.isEmpty() || query.k() == 0) {
            return List.of();
        }
        return Candidates.collect(
                base, query, wanted -> searcher.search(lucene(words, query), wanted, BEST_FIRST, true).scoreDocs);
    }

    /** Neighbours with less than this share of the best score, of which a third may be its name's, answer another question. */
    @Override
    public double leastShare() {
        return 0.3;
    }

    /** The terms that a word which occurs nowhere may be meant for: the same first letter, at most two edits, one if short. */
    private static FuzzyQuery guess(Term term) {
        int edits = term.text().length() < LONG ? 1 : 2;
        return new FuzzyQuery(term, edits, 1, GUESSES, true);
    }

    private List<String> words(String text) {
        List<String> words = new ArrayList<>();
        try (TokenStream stream = analyzer.tokenStream(Fields.TEXT, text)) {
            CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
            stream.reset();
            while (stream.incrementToken()) {
                words.add(term.toString());
            }
            stream.end();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return words;
    }

    private org.apache.lucene.search.Query lucene(List<String> words, Query query) throws IOException {
        BooleanQuery.Builder scored = new BooleanQuery.Builder();
        for (String word : words.subList(0, Math.min(words.size(), NamedEntities.MOST_WORDS))) {
            Term text = new Term(Fields.TEXT, word);
            Term tag = new Term(Fields.TAGS, word);
            boolean known = word.length() < SHORTEST_GUESSED
                    || searcher.getIndexReader().docFreq(text)
                                    + searcher.getIndexReader().docFreq(tag)
                            > 0;
            scored.add(known ? new TermQuery(text) : guess(text), Occur.SHOULD);
            scored.add(new BoostQuery(known ? new TermQuery(tag) : guess(tag), TAG_WEIGHT), Occur.SHOULD);
        }
        int named = 0;
        for (NamedEntities.Name name : NamedEntities.in(query.text())) {
            Term entity = new Term(Fields.NAME, name.text());
            if (named < MOST_NAMES && searcher.getIndexReader().docFreq(entity) > 0) {
                scored.add(
                        new BoostQuery(new TermQuery(entity), NAME_WEIGHT * name.share() * name.share()), Occur.SHOULD);
                named++;
            }
        }
        BooleanQuery.Builder all = new BooleanQuery.Builder().add(scored.build(), Occur.MUST);
        Candidates.restrict(all, query);
        return all.build();
    }
}
