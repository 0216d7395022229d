package org.reimagen.eval;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.Descriptor;
import org.reimagen.pipeline.Background;

/**
 * All true pictures of a style on one background: among them a drawing's nearest is looked up.
 *
 * <p><b>Thread-safety</b>: safe.
 */
final class Gallery {
    private final Drawings drawings;
    private final Map<String, List<Pair>> candidates = new ConcurrentHashMap<>();
    private final Map<String, List<float[]>> vectors = new ConcurrentHashMap<>();

    Gallery(Drawings drawings) {
        this.drawings = drawings;
    }

    /** Number of true pictures that are nearer to {@code picture} than the target's own, 0 if it is the nearest. */
    int rank(Target target, BufferedImage picture) {
        return rank(target, Descriptor.of(picture));
    }

    /** As {@link #rank(Target, BufferedImage)}, of a descriptor. */
    int rank(Target target, float[] vector) {
        double own =
                Descriptor.squaredDistance(vector, Descriptor.of(drawings.on(target.background(), target.truth())));
        return (int) of(target.truth().style(), target.background()).stream()
                .filter(v -> Descriptor.squaredDistance(v, vector) < own)
                .count();
    }

    /** Number of candidates that a target is looked up among. */
    int candidates(Target target) {
        return drawings.ofStyle(target.truth().style()).size();
    }

    private List<float[]> of(String style, Background background) {
        List<Pair> pairs = candidates.computeIfAbsent(style, drawings::ofStyle);
        return vectors.computeIfAbsent(
                style + " on " + background,
                key -> pairs.parallelStream()
                        .map(p -> Descriptor.of(drawings.on(background, p)))
                        .toList());
    }
}
