package org.reimagen.eval;

import java.awt.image.BufferedImage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.Descriptor;
import org.reimagen.pipeline.Background;

/** All pictures of a knowledge base at {@link Descriptor#SIDE} pixels, drawn once and laid on any background. */
final class Drawings {
    private final List<Pair> pairs;
    private final Map<String, BufferedImage> argb = new HashMap<>();

    Drawings(KnowledgeBase base, IntConsumer progress) {
        this.pairs = base.pairs();
        for (Pair pair : pairs) {
            argb.put(pair.id(), base.picture(pair, Descriptor.SIDE));
            progress.accept(argb.size());
        }
    }

    /** All pairs, ordered by id. */
    List<Pair> pairs() {
        return pairs;
    }

    /** Pairs of one style, ordered by id. */
    List<Pair> ofStyle(String style) {
        return pairs.stream().filter(p -> p.style().equals(style)).toList();
    }

    /** RGB picture of a pair. */
    BufferedImage on(Background background, Pair pair) {
        BufferedImage picture = Objects.requireNonNull(argb.get(pair.id()), pair.id());
        return org.reimagen.knowledge.draw.Pictures.on(background.color(), picture);
    }
}
