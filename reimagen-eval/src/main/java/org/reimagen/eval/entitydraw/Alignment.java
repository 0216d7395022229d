package org.reimagen.eval.entitydraw;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.reimagen.eval.clip.Cosine;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.encoder.Embedder;

/**
 * CLIP-T and CLIP-I of an entity's pictures: mean cosine with what was asked for, and with all true pictures of the entity.
 *
 * <p>The references that a drawing was made from are among the true pictures. <b>Source</b>: CLIPScore, arXiv 2104.08718, without its
 * factor; DreamBooth, arXiv 2208.12242, section 4.2.
 *
 * @param clipT of pictures with the text, in [-1,1]
 * @param clipI of pictures with true ones, in [-1,1]
 */
public record Alignment(double clipT, double clipI) {
    /** Measures drawings against a base. <b>Thread-safety</b>: one thread. */
    public static final class Meter {
        private final KnowledgeBase base;
        private final Embedder embedder;
        private final Map<String, List<Pair>> byEntity = new HashMap<>();

        /**
         * @param embedder of texts and pictures; stays the caller's
         */
        public Meter(KnowledgeBase base, Embedder embedder) {
            this.base = base;
            this.embedder = embedder;
            base.pairs()
                    .forEach(p -> byEntity.computeIfAbsent(p.entity(), e -> new ArrayList<>())
                            .add(p));
        }

        /**
         * Of the pictures of one entity.
         *
         * @param entity that the base pictures, and what was asked for
         * @param pictures at least one
         * @throws IllegalArgumentException if the base does not picture it
         */
        public Alignment of(String entity, List<BufferedImage> pictures) {
            List<Pair> pairs = byEntity.getOrDefault(entity, List.of());
            if (pairs.isEmpty() || pictures.isEmpty()) {
                throw new IllegalArgumentException("nothing to compare for " + entity);
            }
            List<float[]> truths = pairs.stream()
                    .map(p -> embedder.embed(base.picture(p, embedder.side())))
                    .toList();
            float[] text = embedder.embed(entity);
            double clipT = 0;
            double clipI = 0;
            for (BufferedImage picture : pictures) {
                float[] vector = embedder.embed(picture);
                clipT += Cosine.of(vector, text) / pictures.size();
                clipI += truths.stream()
                                .mapToDouble(t -> Cosine.of(vector, t))
                                .average()
                                .orElseThrow()
                        / pictures.size();
            }
            return new Alignment(clipT, clipI);
        }
    }
}
