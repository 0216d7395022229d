package org.reimagen.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.retrieval.Neighbor;

/** The text chunks of a PNG: {@code parameters} in AUTOMATIC1111's form, {@code reimagen_metadata} as JSON. */
final class PngMetadata {
    /** Keyword of the chunk that holds everything as JSON. */
    static final String KEYWORD = "reimagen_metadata";

    private PngMetadata() {}

    /** Chunks of the picture at {@code index}, by keyword. */
    static Map<String, String> of(GenerationResult result, int index) {
        Map<String, String> chunks = new LinkedHashMap<>();
        chunks.put("parameters", parameters(result, index));
        chunks.put(KEYWORD, json(result, index));
        return chunks;
    }

    private static String parameters(GenerationResult result, int index) {
        GenerationRequest request = result.request();
        return String.format(
                        Locale.ROOT,
                        "%s%s%nSteps: %d, Sampler: DPM++ 2M, CFG scale: %s, Seed: %d, Size: %dx%d, Model hash: %s, Model: %s,"
                                + " Neighbor CFG scale: %s, Guidance ratio: %s, Guidance from: %s, Guidance rescale: %s, KNN: %d",
                        request.prompt(),
                        request.negativePrompt().isBlank() ? "" : "\nNegative prompt: " + request.negativePrompt(),
                        request.numInferenceSteps(),
                        request.guidance().text(),
                        result.seeds().get(index),
                        result.images().get(index).getWidth(),
                        result.images().get(index).getHeight(),
                        result.modelHash().substring(0, 10),
                        result.modelName(),
                        request.guidance().neighbor(),
                        request.guidance().ratio(),
                        request.guidance().from(),
                        request.guidance().rescale(),
                        result.retrieved().size())
                .replace(System.lineSeparator(), "\n");
    }

    private static String json(GenerationResult result, int index) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("prompt", result.request().prompt());
        if (!result.request().negativePrompt().isBlank()) {
            json.put("negative_prompt", result.request().negativePrompt());
        }
        json.put("seed", result.seeds().get(index));
        json.put("num_inference_steps", result.request().numInferenceSteps());
        json.put("strength", result.request().strength());
        json.put("candidates", result.request().candidates());
        json.put("smoothing", result.request().finish().smoothing());
        json.put("background_tolerance", result.request().finish().backgroundTolerance());
        json.put("guidance_scale", result.request().guidance().text());
        json.put("neighbor_guidance_scale", result.request().guidance().neighbor());
        json.put("guidance_ratio", result.request().guidance().ratio());
        json.put("guidance_from", result.request().guidance().from());
        json.put("guidance_rescale", result.request().guidance().rescale());
        json.put("resolution", result.images().get(index).getWidth());
        json.put("copy_score", result.copyScores().get(index));
        json.put("model", result.modelName());
        json.put("model_sha256", result.modelHash());
        json.put("knowledge_base_sha256", result.knowledgeHash());
        List<Map<String, Object>> neighbors = new ArrayList<>();
        result.retrieved()
                .forEach(n -> neighbors.add(neighbor(n, result.request().references())));
        json.put("neighbors", neighbors);
        if (!result.request().references().own().isEmpty()) {
            json.put(
                    "own_references",
                    result.request().references().own().stream()
                            .map(own -> Map.of("caption", own.caption(), "weight", own.weight()))
                            .toList());
        }
        try {
            return new ObjectMapper().writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Object> neighbor(Neighbor neighbor, References references) {
        Pair pair = neighbor.pair();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", pair.id());
        json.put("sha256", pair.sha256());
        json.put("title", pair.title());
        json.put("author", pair.author());
        json.put("source", pair.source());
        json.put("licence", pair.licence());
        json.put("score", neighbor.score());
        json.put("weight", references.weight(pair.id()));
        return json;
    }
}
