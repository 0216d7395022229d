package org.reimagen.pipeline;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.diffusion.Guidance;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.knowledge.retrieval.Filters;

/**
 * What to draw and how; every field has a default.
 *
 * @param prompt the text
 * @param negativePrompt what the steps that favour the text move away from, empty for nothing
 * @param knn K, neighbours to retrieve, 0 to 16
 * @param numInferenceSteps sampling steps, 1 to 1000
 * @param strength share of the noise that the first stage starts with, above 0 to 1: below 1 it starts from a reference that is noised so
 *     far, the first for seed 0, and takes as much fewer steps
 * @param guidance weights of text and neighbours
 * @param seed of the first picture; the next have seed + 1, seed + 2, …
 * @param numImagesPerPrompt pictures to draw, 1 to 64
 * @param references which references are read, and how hard
 * @param upscaling how far the later stages go
 * @param candidates layouts that the first stage begins for a picture, of which the one nearest to what the references share goes on, 1 to
 *     32; 0 for {@value #CANDIDATES} where the model has a layout network and 1 where it has not. Not with a strength below 0.8
 * @param finish what is done to a finished drawing of the first stage
 * @param listener hears of every step of every stage and may stop the run
 */
public record GenerationRequest(
        String prompt,
        String negativePrompt,
        int knn,
        int numInferenceSteps,
        double strength,
        GuidanceWeights guidance,
        long seed,
        int numImagesPerPrompt,
        References references,
        Upscaling upscaling,
        int candidates,
        Finish finish,
        ProgressListener listener) {
    /** Layouts begun where they cost little. */
    public static final int CANDIDATES = 8;

    /** @throws ReImagenException naming the field that is out of range */
    public GenerationRequest {
        require(!prompt.isBlank(), "prompt must not be empty");
        require(prompt.length() <= 2000, "prompt must have at most 2000 characters");
        require(negativePrompt.length() <= 2000, "negative_prompt must have at most 2000 characters");
        require(knn >= 0 && knn <= 16, "knn must be 0 to 16, was " + knn);
        require(numInferenceSteps >= 1 && numInferenceSteps <= 1000, "num_inference_steps must be 1 to 1000");
        require(strength > 0 && strength <= 1, "strength must be above 0 and at most 1, was " + strength);
        require(candidates >= 0 && candidates <= 32, "candidates must be 0 to 32, was " + candidates);
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
     * @param from {@code guidance_from}, smallest time t in [0,1] that is guided; from 1 down to it a step takes two evaluations,
     *     below it one
     * @param rescale {@code guidance_rescale} in [0,1]: how much of the glare that the weights give to colours is taken back ({@link Guidance.Rescaled})
     */
    public record GuidanceWeights(double text, double neighbor, double ratio, double from, double rescale) {
        /** What the default model draws best with: below t = 0.7 the layout stands, and guidance changes little but costs as much. */
        public static final GuidanceWeights DEFAULT = new GuidanceWeights(2.0, 5.0, 0.1, 0.7, 0.5);

        /** @throws ReImagenException naming the weight that is out of range */
        public GuidanceWeights {
            require(text >= 0 && text <= 30, "guidance_scale must be 0 to 30, was " + text);
            require(neighbor >= 0 && neighbor <= 30, "neighbor_guidance_scale must be 0 to 30, was " + neighbor);
            require(ratio >= 0 && ratio <= 1, "guidance_ratio must be 0 to 1, was " + ratio);
            require(from >= 0 && from <= 1, "guidance_from must be 0 to 1, was " + from);
            require(rescale >= 0 && rescale <= 1, "guidance_rescale must be 0 to 1, was " + rescale);
        }

        /** What a sampler is guided by. */
        public Guidance guidance() {
            return new Guidance.Rescaled(
                    new Guidance.Interleaved(text, neighbor, ratio, new Guidance.Interval(from, 1)), rescale);
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

    /** The defaults: 4 neighbours, 20 steps from noise, seed 0, one picture. */
    public static GenerationRequest of(String prompt) {
        return new GenerationRequest(
                prompt,
                "",
                4,
                20,
                1,
                GuidanceWeights.DEFAULT,
                0,
                1,
                References.DEFAULT,
                Upscaling.DEFAULT,
                0,
                Finish.DEFAULT,
                ProgressListener.NONE);
    }

    /**
     * Whether this and {@code other} can be drawn in one batch: they take the same steps from the same strength on. Everything else, guidance and seed among
     * it, is each picture's own.
     */
    public boolean drawsWith(GenerationRequest other) {
        return numInferenceSteps == other.numInferenceSteps && strength == other.strength;
    }

    /** How the first stage draws this: one estimate of the clean picture a step. */
    SamplingConfig sampling() {
        return SamplingConfig.standard(numInferenceSteps, guidance.guidance()).startingAt(strength);
    }

    /** The same, moving away from {@code text}; empty for nothing. */
    public GenerationRequest withNegativePrompt(String text) {
        return changed(d -> d.negativePrompt = text);
    }

    /** The same with K neighbours. */
    public GenerationRequest withNeighbors(int k) {
        return changed(d -> d.knn = k);
    }

    /** The same with another number of steps. */
    public GenerationRequest withSteps(int steps) {
        return changed(d -> d.numInferenceSteps = steps);
    }

    /** The same, starting with that share of the noise. */
    public GenerationRequest withStrength(double share) {
        return changed(d -> d.strength = share);
    }

    /** The same with other guidance. */
    public GenerationRequest withGuidance(GuidanceWeights weights) {
        return changed(d -> d.guidance = weights);
    }

    /** The same with another seed. */
    public GenerationRequest withSeed(long newSeed) {
        return changed(d -> d.seed = newSeed);
    }

    /** The same with {@code n} pictures. */
    public GenerationRequest withImages(int n) {
        return changed(d -> d.numImagesPerPrompt = n);
    }

    /** The same with other references. */
    public GenerationRequest withReferences(References newReferences) {
        return changed(d -> d.references = newReferences);
    }

    /** The same with other filters. */
    public GenerationRequest withFilters(Filters filters) {
        References r = references;
        return withReferences(new References(filters, r.sameStyle(), r.pinned(), r.excluded(), r.weights(), r.own()));
    }

    /** The same, neighbours of the prompted style allowed or not. */
    public GenerationRequest withSameStyle(boolean allowed) {
        References r = references;
        return withReferences(new References(r.filters(), allowed, r.pinned(), r.excluded(), r.weights(), r.own()));
    }

    /** The same, these pairs read whatever the prompt finds. */
    public GenerationRequest withPinned(List<String> ids) {
        References r = references;
        return withReferences(new References(r.filters(), r.sameStyle(), ids, r.excluded(), r.weights(), r.own()));
    }

    /** The same, these pairs not retrieved. */
    public GenerationRequest withExcluded(Set<String> ids) {
        References r = references;
        return withReferences(new References(r.filters(), r.sameStyle(), r.pinned(), ids, r.weights(), r.own()));
    }

    /** The same with weights of pairs by id; 0 removes one exactly. */
    public GenerationRequest withNeighborWeights(Map<String, Double> weights) {
        References r = references;
        return withReferences(new References(r.filters(), r.sameStyle(), r.pinned(), r.excluded(), weights, r.own()));
    }

    /** The same with pictures of one's own as references. */
    public GenerationRequest withOwnReferences(List<OwnReference> own) {
        References r = references;
        return withReferences(new References(r.filters(), r.sameStyle(), r.pinned(), r.excluded(), r.weights(), own));
    }

    /** The same, the later stages going as far as {@code newUpscaling} says. */
    public GenerationRequest withUpscaling(Upscaling newUpscaling) {
        return changed(d -> d.upscaling = newUpscaling);
    }

    /** The same, beginning so many layouts a picture; 0 as the model is made for. */
    public GenerationRequest withCandidates(int n) {
        return changed(d -> d.candidates = n);
    }

    /** The same, its drawings finished so. */
    public GenerationRequest withFinish(Finish newFinish) {
        return changed(d -> d.finish = newFinish);
    }

    /** The same, heard by {@code newListener}. */
    public GenerationRequest withListener(ProgressListener newListener) {
        return changed(d -> d.listener = newListener);
    }

    private GenerationRequest changed(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.request();
    }

    /** A request under change: its fields, all of them replaceable. */
    private static final class Draft {
        private final String prompt;
        private String negativePrompt;
        private int knn;
        private int numInferenceSteps;
        private double strength;
        private GuidanceWeights guidance;
        private long seed;
        private int numImagesPerPrompt;
        private References references;
        private Upscaling upscaling;
        private int candidates;
        private Finish finish;
        private ProgressListener listener;

        private Draft(GenerationRequest request) {
            prompt = request.prompt();
            negativePrompt = request.negativePrompt();
            knn = request.knn();
            numInferenceSteps = request.numInferenceSteps();
            strength = request.strength();
            guidance = request.guidance();
            seed = request.seed();
            numImagesPerPrompt = request.numImagesPerPrompt();
            references = request.references();
            upscaling = request.upscaling();
            candidates = request.candidates();
            finish = request.finish();
            listener = request.listener();
        }

        private GenerationRequest request() {
            return new GenerationRequest(
                    prompt,
                    negativePrompt,
                    knn,
                    numInferenceSteps,
                    strength,
                    guidance,
                    seed,
                    numImagesPerPrompt,
                    references,
                    upscaling,
                    candidates,
                    finish,
                    listener);
        }
    }
}
