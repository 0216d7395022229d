package org.reimagen.server.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Body of {@code POST /v1/generate} and {@code POST /v1/references}: everything that can be asked; what is absent has a default.
 *
 * @param neighborWeights by pair id, 0 to 10; 0 removes that neighbour exactly
 * @param pinned ids of pairs that are read whatever the prompt finds
 * @param excluded ids of pairs that are not retrieved
 * @param ownReferences pictures for this request only
 * @param stream whether progress and result come as server-sent events
 * @param previews whether the stream carries unfinished pictures
 * @param keep whether the pictures go into the gallery
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DrawBody(
        @Nullable String prompt,
        @Nullable String negativePrompt,
        @Nullable Integer knn,
        @Nullable Integer numInferenceSteps,
        @Nullable Double strength,
        @Nullable Integer candidates,
        @Nullable Double smoothing,
        @Nullable Double backgroundTolerance,
        @Nullable Double guidanceScale,
        @Nullable Double neighborGuidanceScale,
        @Nullable Double guidanceRatio,
        @Nullable Double guidanceFrom,
        @Nullable Double guidanceRescale,
        @Nullable Long seed,
        @Nullable Integer numImagesPerPrompt,
        @Nullable Integer resolution,
        @Nullable Integer srSteps,
        @Nullable Double srNoiseLevel,
        @Nullable Boolean sameStyle,
        @Nullable List<String> styles,
        @Nullable List<String> licences,
        @Nullable Map<String, Double> neighborWeights,
        @Nullable List<String> pinned,
        @Nullable List<String> excluded,
        @Nullable List<Own> ownReferences,
        @Nullable Boolean stream,
        @Nullable Boolean previews,
        @Nullable Boolean keep) {
    /**
     * A picture of the client's.
     *
     * @param picture Base64 of a PNG, JPEG, WebP, GIF or BMP; a {@code data:} prefix is passed over
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Own(
            @Nullable String picture,
            @Nullable String caption,
            @Nullable Double weight) {}
}
