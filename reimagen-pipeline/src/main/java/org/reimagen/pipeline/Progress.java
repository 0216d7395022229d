package org.reimagen.pipeline;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.function.Supplier;

/**
 * One sampling step of one stage, just done.
 *
 * @param resolution of the stage: side of its pictures in pixels
 * @param first index of the first picture that the step drew: 0 in the first stage, which draws all at once
 * @param step 1 for the first
 * @param steps of this stage for this picture
 * @param previews pictures of x_0 as now predicted, RGB, one a picture drawn; made on demand, <b>valid</b> during the call only
 */
public record Progress(int resolution, int first, int step, int steps, Supplier<List<BufferedImage>> previews) {}
