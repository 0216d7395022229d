package org.reimagen.eval.entitydraw;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.Descriptor;
import org.reimagen.knowledge.draw.Pictures;

/**
 * Which entity of a knowledge base a drawing looks like: that of the nearest true picture, of any style, on white
 * ({@link Descriptor}).
 *
 * <p>The references that a drawing was made from are among the true pictures, so that a copy of one counts as right: read it
 * beside the copy score. <b>Thread-safety</b>: safe.
 */
public final class Recognition {
    private final List<String> entities = new ArrayList<>();
    private final List<float[]> vectors = new ArrayList<>();

    /** Looks at every picture of the base. */
    public Recognition(KnowledgeBase base) {
        for (Pair pair : base.pairs()) {
            entities.add(pair.entity());
            vectors.add(Descriptor.of(Pictures.on(Color.WHITE, base.picture(pair, Descriptor.SIDE))));
        }
    }

    /** Number of other entities with a picture nearer than the nearest of {@code entity}, 0 if it is recognised. */
    public int rank(String entity, BufferedImage rgb) {
        float[] vector = Descriptor.of(Pictures.on(Color.WHITE, Pictures.fit(rgb, Descriptor.SIDE)));
        double[] distances = vectors.stream()
                .mapToDouble(v -> Descriptor.squaredDistance(v, vector))
                .toArray();
        double own = Double.MAX_VALUE;
        for (int i = 0; i < distances.length; i++) {
            if (entities.get(i).equals(entity)) {
                own = Math.min(own, distances[i]);
            }
        }
        double nearest = own;
        Set<String> nearer = IntStream.range(0, distances.length)
                .filter(i -> distances[i] < nearest)
                .mapToObj(entities::get)
                .collect(Collectors.toSet());
        return nearer.size();
    }
}
