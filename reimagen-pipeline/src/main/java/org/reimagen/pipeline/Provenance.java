package org.reimagen.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.reimagen.core.ReImagenException;

/** What a picture's text chunks say of its making, in lines to read: model, knowledge base, seed, every reference. */
public final class Provenance {
    private Provenance() {}

    /**
     * The lines, none if the chunks do not come from this program.
     *
     * @param chunks as {@link PngWriter#read} returns them
     * @throws ReImagenException if the chunk is there but cannot be read
     */
    public static List<String> lines(Map<String, String> chunks) {
        String json = chunks.get(PngMetadata.KEYWORD);
        if (json == null) {
            return List.of();
        }
        JsonNode said;
        try {
            said = new ObjectMapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new ReImagenException(PngMetadata.KEYWORD + ": is no JSON", e);
        }
        List<String> lines = new ArrayList<>();
        lines.add("prompt: " + text(said, "prompt"));
        if (said.has("negative_prompt")) {
            lines.add("negative prompt: " + text(said, "negative_prompt"));
        }
        lines.add("model: %s, sha256 %s".formatted(text(said, "model"), text(said, "model_sha256")));
        lines.add("knowledge base: sha256 " + text(said, "knowledge_base_sha256"));
        lines.add("seed: " + text(said, "seed"));
        lines.add("copy score: " + copyScore(said.path("copy_score").asDouble()));
        lines.add("references: " + said.path("neighbors").size());
        for (JsonNode reference : said.path("neighbors")) {
            lines.add("  %s: \"%s\", licence %s, author %s, source %s, sha256 %s%s"
                    .formatted(
                            text(reference, "id"),
                            text(reference, "title"),
                            text(reference, "licence"),
                            text(reference, "author"),
                            text(reference, "source"),
                            text(reference, "sha256"),
                            weight(reference)));
        }
        for (JsonNode own : said.path("own_references")) {
            lines.add("  own reference: \"%s\"%s".formatted(text(own, "caption"), weight(own)));
        }
        return lines;
    }

    private static String weight(JsonNode reference) {
        double weight = reference.path("weight").asDouble(1);
        return weight == 1 ? "" : ", weight " + weight;
    }

    private static String copyScore(double score) {
        String line = String.format(Locale.ROOT, "%.2f", score);
        return score >= CopyScore.COPY ? line + ", a near-copy of a reference" : line;
    }

    private static String text(JsonNode said, String field) {
        String value = said.path(field).asText();
        return value.isEmpty() ? "unknown" : value;
    }
}
