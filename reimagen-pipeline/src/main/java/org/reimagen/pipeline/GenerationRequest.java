package org.reimagen.pipeline;

import java.util.Set;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.diffusion.StepListener;
import org.reimagen.knowledge.retrieval.Filters;

/**
 * What to draw and how; every field has a default.
 *
 * @param prompt the text
 * @param knn K, neighbours to retrieve, 0 to 16
 * @param numInferenceSteps sampling steps, 1 to 1000
 * @param guidance weights of text and neighbours
 * @param seed of the first picture; the next have seed + 1, seed + 2, …
 * @param numImagesPerPrompt pictures to draw, 1 to 64
 * @param filters what a neighbour must be
 * @param sameStyle whether neighbours may be of the style that the prompt names
 * @param upscaling how far the later stages go
 * @param listener hears of every step of every stage and may stop the run
 */
public record GenerationRequest(
        String prompt,
        int knn,
        int numInferenceSteps,
        GuidanceWeights guidance,
        long seed,
        int numImagesPerPrompt,
        Filters filters,
        boolean sameStyle,
        Upscaling upscaling,
        StepListener listener) {

    /** @throws ReImagenException naming the field that is out of range */
    public GenerationRequest {
        require(!prompt.isBlank(), "prompt must not be empty");
        require(prompt.length() <= 2000, "prompt must have at most 2000 characters");
        require(knn >= 0 && knn <= 16, "knn must be 0 to 16, was " + knn);
        require(numInferenceSteps >= 1 && numInferenceSteps <= 1000, "num_inference_steps must be 1 to 1000");
        require(numImagesPerPrompt >= 1 && numImagesPerPrompt <= 64, "num_images_per_prompt must be 1 to 64");
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new ReImagenException(message);
        }
    }

    /**
     * How hard to follow what; 1 is neutral everywhere.
     *
     * @param text w_p, {@code guidance_scale}
     * @param neighbor w_n, {@code neighbor_guidance_scale}
     * @param ratio η in [0,1], the share of steps that favour the text
     */
    public record GuidanceWeights(double text, double neighbor, double ratio) {
        /** What the default model draws best with. */
        public static final GuidanceWeights DEFAULT = new GuidanceWeights(2.0, 5.0, 0.1);

        /** @throws ReImagenException naming the weight that is out of range */
        public GuidanceWeights {
            require(text >= 0 && text <= 30, "guidance_scale must be 0 to 30, was " + text);
            require(neighbor >= 0 && neighbor <= 30, "neighbor_guidance_scale must be 0 to 30, was " + neighbor);
            require(ratio >= 0 && ratio <= 1, "guidance_ratio must be 0 to 1, was " + ratio);
        }
    }

    /**
     * How far the stages after the first go.
     *
     * @param resolution 64, 256 or 1024: the last stage to draw; 0 for the last that the model has
     * @param options how each of them samples
     */
    public record Upscaling(int resolution, SuperResolutionStage.Options options) {
        /** The model's last stage, 2 steps each, the small picture as it is. */
        public static final Upscaling DEFAULT = new Upscaling(0, new SuperResolutionStage.Options(2, 0));

        /** @throws ReImagenException naming the field that is out of range */
        public Upscaling {
            require(
                    Set.of(0, 64, 256, 1024).contains(resolution),
                    "resolution must be 64, 256 or 1024, was " + resolution);
        }
    }

    /** The defaults: 4 neighbours, 20 steps, seed 0, one picture. */
    public static GenerationRequest of(String prompt) {
        return new GenerationRequest(
                prompt,
                4,
                20,
                GuidanceWeights.DEFAULT,
                0,
                1,
                Filters.none(),
                false,
                Upscaling.DEFAULT,
                StepListener.NONE);
    }

    /** The same with K neighbours. */
    public GenerationRequest withNeighbors(int k) {
        return new GenerationRequest(
                prompt,
                k,
                numInferenceSteps,
                guidance,
                seed,
                numImagesPerPrompt,
                filters,
                sameStyle,
                upscaling,
                listener);
    }

    /** The same with another number of steps. */
    public GenerationRequest withSteps(int steps) {
        return new GenerationRequest(
                prompt, knn, steps, guidance, seed, numImagesPerPrompt, filters, sameStyle, upscaling, listener);
    }

    /** The same with other guidance. */
    public GenerationRequest withGuidance(GuidanceWeights weights) {
        return new GenerationRequest(
                prompt,
                knn,
                numInferenceSteps,
                weights,
                seed,
                numImagesPerPrompt,
                filters,
                sameStyle,
                upscaling,
                listener);
    }

    /** The same with another seed. */
    public GenerationRequest withSeed(long newSeed) {
        return new GenerationRequest(
                prompt,
                knn,
                numInferenceSteps,
                guidance,
                newSeed,
                numImagesPerPrompt,
                filters,
                sameStyle,
                upscaling,
                listener);
    }

    /** The same, the later stages going as far as {@code newUpscaling} says. */
    public GenerationRequest withUpscaling(Upscaling newUpscaling) {
        return new GenerationRequest(
                prompt,
                knn,
                numInferenceSteps,
                guidance,
                seed,
                numImagesPerPrompt,
                filters,
                sameStyle,
                newUpscaling,
                listener);
    }

    /** The same with {@code n} pictures. */
    public GenerationRequest withImages(int n) {
        return new GenerationRequest(
                prompt, knn, numInferenceSteps, guidance, seed, n, filters, sameStyle, upscaling, listener);
    }

    /** The same with other filters. */
    public GenerationRequest withFilters(Filters newFilters) {
        return new GenerationRequest(
                prompt,
                knn,
                numInferenceSteps,
                guidance,
                seed,
                numImagesPerPrompt,
                newFilters,
                sameStyle,
                upscaling,
                listener);
    }

    /** The same, neighbours of the prompted style allowed or not. */
    public GenerationRequest withSameStyle(boolean allowed) {
        return new GenerationRequest(
                prompt,
                knn,
                numInferenceSteps,
                guidance,
                seed,
                numImagesPerPrompt,
                filters,
                allowed,
                upscaling,
                listener);
    }

    /** The same, heard by {@code newListener}. */
    public GenerationRequest withListener(StepListener newListener) {
        return new GenerationRequest(
                prompt,
                knn,
                numInferenceSteps,
                guidance,
                seed,
                numImagesPerPrompt,
                filters,
                sameStyle,
                upscaling,
                newListener);
    }

    /** The same with neighbours of these licences only. */
    public GenerationRequest withLicences(Set<String> licences) {
        return withFilters(new Filters(filters.styles(), licences, filters.entities(), filters.excludedStyles()));
    }
}
