package org.reimagen.eval;

import java.util.Locale;
import org.reimagen.train.data.Split;

/** How often training sees an entity; EntityDrawBench of the paper (section 4.3) tells frequent from infrequent ones. */
public enum Frequency {
    /** Never: the entity is held out of training. */
    HELD_OUT,

    /** Trained on, fewer than {@value #FREQUENT_PAIRS} pairs in the knowledge base. */
    INFREQUENT,

    /** Trained on, {@value #FREQUENT_PAIRS} pairs or more. */
    FREQUENT;

    private static final int FREQUENT_PAIRS = 8;

    /** That of {@code entity}, of which a knowledge base has {@code pairs} pairs. */
    static Frequency of(String entity, int pairs) {
        if (Split.isHeldOut(entity)) {
            return HELD_OUT;
        }
        return pairs < FREQUENT_PAIRS ? INFREQUENT : FREQUENT;
    }

    /** As prompt sets and flags write it: held-out, infrequent, frequent. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
