package org.reimagen.rating.figures;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import org.reimagen.eval.Interval;

/**
 * What raters said to one question about one group of drawings.
 *
 * @param share of yes among yes and no, all raters; 95 % bootstrap over entities, {@code n} entities; null without answers
 * @param alpha Krippendorff's; null where it is not defined
 * @param answers yes and no
 * @param unsure asked, but the rater could not tell
 * @param pictures drawings with an answer
 * @param raters who gave one
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record GroupFigures(
        @Nullable Interval share, @Nullable Double alpha, int answers, int unsure, int pictures, int raters) {}
