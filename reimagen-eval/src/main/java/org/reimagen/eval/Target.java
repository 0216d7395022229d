package org.reimagen.eval;

import java.util.List;
import org.reimagen.knowledge.Pair;
import org.reimagen.pipeline.Background;

/**
 * A picture that a model is asked to draw: held out of training, or of an entity that it was trained on.
 *
 * @param truth the picture asked for
 * @param references pictures of the same entity from other families, one a family before a second of any; no near-duplicate
 *     of the truth
 * @param background on which it is asked for
 * @param kind subgroup of its entity, such as {@code animal}
 */
public record Target(Pair truth, List<Pair> references, Background background, String kind) {
    /** The list is copied. */
    public Target {
        references = List.copyOf(references);
    }

    /** What the model is told. */
    public String prompt() {
        String styled = "%s, %s style".formatted(truth.entity(), truth.style().replace('-', ' '));
        return background == Background.WHITE ? styled : styled + ", on a " + background.words() + " background";
    }
}
