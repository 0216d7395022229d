package org.reimagen.eval.protocol;

import java.awt.image.BufferedImage;

/** Whatever draws: a model with its retrieval, or another one to compare with. */
@FunctionalInterface
public interface Drawer {
    /**
     * Draws a prompt.
     *
     * @param guidance weight of the text, 1 is neutral
     * @return RGB
     */
    BufferedImage draw(String prompt, double guidance, long seed);
}
