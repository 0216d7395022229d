package org.reimagen.eval.retrieval;

import java.util.ArrayList;
import java.util.List;
import org.reimagen.eval.Interval;
import org.reimagen.knowledge.retrieval.Neighbor;
import org.reimagen.knowledge.retrieval.Retriever;

/**
 * How often the right entity comes back.
 *
 * @param recall share of questions with the right entity among the first k neighbours
 * @param precision mean share of the right entity among the first k places
 */
public record RetrievalQuality(Interval recall, Interval precision) {
    /**
     * Asks a retriever.
     *
     * @param questions at least one
     * @param k neighbours that count, at least 1
     */
    public static RetrievalQuality of(Retriever retriever, List<Question> questions, int k) {
        List<Double> recall = new ArrayList<>();
        List<Double> precision = new ArrayList<>();
        for (Question question : questions) {
            List<Neighbor> found = retriever.retrieve(question.query().withK(k));
            long right = found.stream()
                    .filter(n -> n.pair().entity().equals(question.entity()))
                    .count();
            recall.add(right > 0 ? 1.0 : 0.0);
            precision.add(right / (double) k);
        }
        return new RetrievalQuality(Interval.ofMean(recall), Interval.ofMean(precision));
    }
}
