package org.reimagen.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;
import org.reimagen.knowledge.retrieval.Filters;
import org.reimagen.pipeline.Finish;
import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.pipeline.GenerationRequest.GuidanceWeights;
import org.reimagen.pipeline.GenerationRequest.Upscaling;
import org.reimagen.pipeline.OwnReference;
import org.reimagen.pipeline.References;
import org.reimagen.pipeline.SuperResolutionStage;
import org.reimagen.server.ServerConfig;
import org.reimagen.server.http.ApiException;
import org.reimagen.server.http.Json;
import org.reimagen.server.job.Order;
import org.reimagen.server.job.Studio;

/** Reads what a client asks for into an order, within this server's limits. */
final class Orders {
    private static final int MAX_OWN = 8;
    private static final int MAX_IDS = 64;
    private static final int MAX_TEXT = 1024;
    /** Largest whole number that JavaScript knows exactly. */
    private static final long MAX_SEED = (1L << 53) - 1;

    private final Studio studio;
    private final ServerConfig config;
    private final Uploads uploads;

    Orders(Studio studio, ServerConfig config, Uploads uploads) {
        this.studio = studio;
        this.config = config;
        this.uploads = uploads;
    }

    /**
     * The order of a body.
     *
     * @throws ApiException 400 naming the parameter that is out of range
     */
    Order order(DrawBody body) {
        GenerationRequest request = request(body);
        checkPinned(request.references().pinned());
        JsonNode settings = settings(body, request);
        return new Order(request, settings, or(body.keep(), false), or(body.previews(), false));
    }

    /** The request of a body; nothing of it is looked up. */
    GenerationRequest request(DrawBody body) {
        if (body.prompt() == null) {
            throw ApiException.invalid("prompt", "prompt is missing");
        }
        int steps = or(body.numInferenceSteps(), 20);
        int srSteps = or(body.srSteps(), 2);
        int images = or(body.numImagesPerPrompt(), 1);
        long seed = or(body.seed(), ThreadLocalRandom.current().nextLong(1L << 31));
        within("num_inference_steps", steps, config.maxSteps());
        within("sr_steps", srSteps, config.maxSteps());
        within("num_images_per_prompt", images, config.maxImages());
        if (seed < 0 || seed > MAX_SEED) {
            throw ApiException.invalid("seed", "seed must be 0 to " + MAX_SEED);
        }
        try {
            return GenerationRequest.of(body.prompt())
                    .withNegativePrompt(or(body.negativePrompt(), ""))
                    .withNeighbors(or(body.knn(), 4))
                    .withSteps(steps)
                    .withStrength(or(body.strength(), 1.0))
                    .withCandidates(or(body.candidates(), 0))
                    .withFinish(finish(body))
                    .withGuidance(guidance(body))
                    .withSeed(seed)
                    .withImages(images)
                    .withReferences(references(body))
                    .withUpscaling(new Upscaling(
                            or(body.resolution(), 0),
                            new SuperResolutionStage.Options(srSteps, or(body.srNoiseLevel(), 0.0))));
        } catch (ReImagenException e) {
            String message = String.valueOf(e.getMessage());
            throw ApiException.invalid(param(message), message);
        }
    }

    private static Finish finish(DrawBody body) {
        return new Finish(
                or(body.smoothing(), Finish.DEFAULT.smoothing()),
                or(body.backgroundTolerance(), Finish.DEFAULT.backgroundTolerance()));
    }

    /** A range error's message begins with the parameter's name. */
    private static String param(String message) {
        String first = message.split(" ", 2)[0];
        return first.matches("[a-z_]+") && !first.equals("the") && !first.equals("at") ? first : "references";
    }

    private static void within(String param, int value, int most) {
        if (value < 1 || value > most) {
            throw ApiException.invalid(param, param + " must be 1 to " + most + " on this server, was " + value);
        }
    }

    private static GuidanceWeights guidance(DrawBody body) {
        GuidanceWeights usual = GuidanceWeights.DEFAULT;
        return new GuidanceWeights(
                or(body.guidanceScale(), usual.text()),
                or(body.neighborGuidanceScale(), usual.neighbor()),
                or(body.guidanceRatio(), usual.ratio()),
                or(body.guidanceFrom(), usual.from()),
                or(body.guidanceRescale(), usual.rescale()));
    }

    private References references(DrawBody body) {
        Filters filters =
                new Filters(texts("styles", body.styles()), texts("licences", body.licences()), Set.of(), Set.of());
        return new References(
                filters,
                or(body.sameStyle(), false),
                List.copyOf(texts("pinned", body.pinned())),
                texts("excluded", body.excluded()),
                weights(or(body.neighborWeights(), Map.of())),
                own(or(body.ownReferences(), List.of())));
    }

    private static Set<String> texts(String param, @Nullable List<String> given) {
        List<String> texts = or(given, List.of());
        boolean fit = texts.stream().allMatch(t -> t != null && t.length() <= MAX_TEXT);
        if (texts.size() > MAX_IDS || !fit) {
            throw ApiException.invalid(
                    param, param + " must be at most " + MAX_IDS + " texts of at most " + MAX_TEXT + " characters");
        }
        return new java.util.LinkedHashSet<>(texts);
    }

    private static Map<String, Double> weights(Map<String, Double> weights) {
        if (weights.size() > MAX_IDS || weights.values().stream().anyMatch(Objects::isNull)) {
            throw ApiException.invalid("neighbor_weights", "neighbor_weights must be at most " + MAX_IDS + " numbers");
        }
        return weights;
    }

    private List<OwnReference> own(List<DrawBody.Own> given) {
        if (given.size() > MAX_OWN) {
            throw ApiException.invalid("own_references", "at most " + MAX_OWN + " own references");
        }
        List<OwnReference> own = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            String param = "own_references[" + i + "]";
            DrawBody.Own one = given.get(i);
            if (one == null || one.picture() == null || one.caption() == null) {
                throw ApiException.invalid(param, param + " must have a picture and a caption");
            }
            own.add(new OwnReference(
                    uploads.decode(param, Uploads.base64(param, one.picture())), one.caption(), or(one.weight(), 1.0)));
        }
        return own;
    }

    private void checkPinned(List<String> pinned) {
        Set<String> missing = new HashSet<>(pinned);
        studio.read(base -> missing.removeIf(id -> base.find(id).isPresent()));
        if (!missing.isEmpty()) {
            throw ApiException.invalid("pinned", "pinned names pairs that the knowledge base lacks");
        }
    }

    /** What asks for the same again; pictures of one's own are not kept, only what was said of them. */
    private static JsonNode settings(DrawBody body, GenerationRequest request) {
        List<DrawBody.Own> given = or(body.ownReferences(), List.of());
        List<DrawBody.Own> own = given.stream()
                .map(o -> new DrawBody.Own(null, o.caption(), o.weight()))
                .toList();
        DrawBody kept = new DrawBody(
                request.prompt(),
                request.negativePrompt(),
                request.knn(),
                request.numInferenceSteps(),
                request.strength(),
                request.candidates(),
                request.finish().smoothing(),
                request.finish().backgroundTolerance(),
                request.guidance().text(),
                request.guidance().neighbor(),
                request.guidance().ratio(),
                request.guidance().from(),
                request.guidance().rescale(),
                request.seed(),
                request.numImagesPerPrompt(),
                request.upscaling().resolution(),
                request.upscaling().options().steps(),
                request.upscaling().options().noiseLevel(),
                request.references().sameStyle(),
                body.styles(),
                body.licences(),
                request.references().weights(),
                request.references().pinned(),
                List.copyOf(request.references().excluded()),
                own,
                null,
                null,
                null);
        return Json.read(Json.write(kept), JsonNode.class);
    }

    static <T> T or(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }
}
