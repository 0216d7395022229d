package org.reimagen.server.api;

import org.jspecify.annotations.Nullable;

/**
 * Body of {@code POST /v1/images/generations}: OpenAI's parameters, and ours at the same level.
 *
 * @param model accepted and not read: no model is loaded from a request
 * @param user accepted and not read, as are {@code style} and {@code moderation}
 */
record ImagesBody(
        @Nullable String prompt,
        @Nullable String model,
        @Nullable Integer n,
        @Nullable String size,
        @Nullable String quality,
        @Nullable String responseFormat,
        @Nullable String outputFormat,
        @Nullable Integer outputCompression,
        @Nullable String background,
        @Nullable String moderation,
        @Nullable String style,
        @Nullable String user,
        @Nullable Boolean stream,
        @Nullable Integer partialImages,
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
        @Nullable Long seed) {}
