package org.reimagen.eval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reimagen.eval.clip.Cosine;
import org.reimagen.knowledge.encoder.Embedder;

/**
 * CLIP-T and CLIP-I of faithfulness targets: mean cosine of drawings with the prompt, and with the true picture on its background.
 *
 * <p><b>Source</b>: CLIPScore, arXiv 2104.08718, without its factor; DreamBooth, arXiv 2208.12242, section 4.2.
 */
public final class FaithfulnessAlignment {
    private FaithfulnessAlignment() {}

    /**
     * Both figures of a row, {@code clip_t} and {@code clip_i}, with 95 % bootstrap intervals over targets.
     *
     * @param embedder of texts and pictures; stays the caller's
     */
    public static Map<String, Interval> of(Faithfulness faithfulness, Row row, Embedder embedder) {
        List<Double> clipT = new ArrayList<>();
        List<Double> clipI = new ArrayList<>();
        for (Outcome outcome : row.outcomes()) {
            Target target = outcome.target();
            float[] drawn = embedder.embed(outcome.picture());
            clipT.add(Cosine.of(drawn, embedder.embed(target.prompt())));
            clipI.add(Cosine.of(drawn, embedder.embed(faithfulness.picture(target, target.truth()))));
        }
        Map<String, Interval> figures = new LinkedHashMap<>();
        figures.put("clip_t", Interval.ofMean(clipT));
        figures.put("clip_i", Interval.ofMean(clipI));
        return figures;
    }
}
