package org.reimagen.knowledge.retrieval;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.util.BytesRef;
import org.reimagen.knowledge.Fields;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.PerceptualHash;

/** Which hits of a search a query allows: what every retriever over an index has in common. */
final class Candidates {
    private static final int FEWEST = 32;

    private Candidates() {}

    /** A search for the best {@code wanted} hits, best first. */
    @FunctionalInterface
    interface Search {
        ScoreDoc[] best(int wanted) throws IOException;
    }

    /** By {@code score}; equals in an order of their own, whatever the order in which they went in: that of the pictures favours no set. */
    static Sort bestFirst(SortField score) {
        return new Sort(
                score,
                new SortField(Fields.HASH, SortField.Type.LONG),
                new SortField(Fields.ID, SortField.Type.STRING));
    }

    /** As {@link #bestFirst(SortField)}, for neighbours found. */
    static Comparator<Neighbor> bestFirst() {
        return Comparator.comparingDouble(Neighbor::score)
                .reversed()
                .thenComparingLong(n -> n.pair().perceptualHash())
                .thenComparing(n -> n.pair().id());
    }

    /** Searches deeper and deeper until k hits pass; pairs with the same original as a better one are passed over. */
    static List<Neighbor> collect(KnowledgeBase base, Query query, Search search) {
        int wanted = Math.max(query.k() * 4, FEWEST);
        try {
            while (true) {
                ScoreDoc[] hits = search.best(wanted);
                List<Neighbor> neighbors = select(base, hits, query);
                if (neighbors.size() == query.k() || hits.length < wanted) {
                    return neighbors;
                }
                wanted *= 4;
            }
        } catch (IOException e) {
            throw new KnowledgeException(base.folder() + ": the index cannot be searched: " + e.getMessage(), e);
        }
    }

    private static List<Neighbor> select(KnowledgeBase base, ScoreDoc[] hits, Query query) {
        List<Neighbor> neighbors = new ArrayList<>();
        Set<String> originals = new HashSet<>();
        for (ScoreDoc hit : hits) {
            Pair pair = base.pair(hit.doc);
            if (neighbors.size() < query.k() && !isNear(pair, query) && originals.add(pair.sha256())) {
                neighbors.add(new Neighbor(pair, hit.score, neighbors.size() + 1));
            }
        }
        return neighbors;
    }

    private static boolean isNear(Pair pair, Query query) {
        Long hash = query.nearDuplicateOf();
        return hash != null && PerceptualHash.distance(hash, pair.perceptualHash()) <= PerceptualHash.NEAR;
    }

    /** Adds the query's filters and exclusions to {@code all}. */
    static void restrict(BooleanQuery.Builder all, Query query) {
        Filters filters = query.filters();
        restrict(all, Fields.STYLE, filters.styles(), Occur.FILTER);
        restrict(all, Fields.LICENCE, filters.licences(), Occur.FILTER);
        restrict(all, Fields.ENTITY, filters.entities(), Occur.FILTER);
        restrict(all, Fields.STYLE, filters.excludedStyles(), Occur.MUST_NOT);
        restrict(all, Fields.ID, query.excludedIds(), Occur.MUST_NOT);
    }

    private static void restrict(BooleanQuery.Builder all, String field, Set<String> values, Occur occur) {
        if (!values.isEmpty()) {
            List<BytesRef> terms = values.stream().map(BytesRef::new).collect(Collectors.toList());
            all.add(new TermInSetQuery(field, terms), occur);
        }
    }
}
