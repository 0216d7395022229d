package org.reimagen.pipeline;

import java.awt.image.BufferedImage;
import org.reimagen.core.ReImagenException;

/**
 * A reference that comes with the request and is in no knowledge base.
 *
 * @param picture any size and shape; what is transparent becomes white
 * @param caption what it shows, at most 2000 characters
 * @param weight of its attention, 0 to 10; 1 is neutral, 0 leaves it out
 */
public record OwnReference(BufferedImage picture, String caption, double weight) {
    /** Largest weight of a reference. */
    static final double MAX_WEIGHT = 10;

    /** @throws ReImagenException naming the field that is out of range */
    public OwnReference {
        if (caption.isBlank() || caption.length() > 2000) {
            throw new ReImagenException("the caption of a reference must have 1 to 2000 characters");
        }
        checkWeight("reference", weight);
    }

    /** Refuses a weight outside 0 to {@link #MAX_WEIGHT}. */
    static void checkWeight(String what, double weight) {
        if (!(weight >= 0 && weight <= MAX_WEIGHT)) {
            throw new ReImagenException("the weight of %s must be 0 to 10, was %s".formatted(what, weight));
        }
    }
}
