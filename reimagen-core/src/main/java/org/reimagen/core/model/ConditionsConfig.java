package org.reimagen.core.model;

import org.reimagen.core.ReImagenException;

/**
 * What a super-resolution network reads besides the small picture, in the middle of its lowest level.
 *
 * @param textDim channels of the text encoder's states
 * @param headDim channels of one attention head; the lowest level's channels are a multiple of it
 * @param neighbors at most so many neighbours are read, 0 for text alone
 * @param neighborResolution side of the neighbours' pictures in pixels; they are encoded whole
 */
public record ConditionsConfig(int textDim, int headDim, int neighbors, int neighborResolution) {
    private static final int MOST_NEIGHBORS = 16;

    /** @throws ReImagenException naming the field whose value does not fit */
    public ConditionsConfig {
        require(textDim > 0, "textDim", "positive, was " + textDim);
        require(headDim > 0, "headDim", "positive, was " + headDim);
        require(
                neighbors >= 0 && neighbors <= MOST_NEIGHBORS,
                "neighbors",
                "0 to %d, was %d".formatted(MOST_NEIGHBORS, neighbors));
        require(
                neighbors == 0 || neighborResolution > 0,
                "neighborResolution",
                "positive where neighbours are read, was " + neighborResolution);
    }

    private static void require(boolean holds, String field, String rule) {
        if (!holds) {
            throw new ReImagenException("super-resolution conditions: " + field + " must be " + rule);
        }
    }
}
