package org.reimagen.eval;

import java.awt.image.BufferedImage;

/**
 * One target and what was drawn for it.
 *
 * @param picture RGB, 64×64
 * @param rank true pictures of the style that are nearer than the right one; 0 is a hit
 * @param styleRight whether, of all true pictures of the entity, the nearest is of the family of styles asked for
 * @param backgroundRight whether the background has the colour that was asked for
 * @param copies whether it is a near-copy of a reference that it was drawn from
 */
public record Outcome(
        Target target, BufferedImage picture, int rank, boolean styleRight, boolean backgroundRight, boolean copies) {}
