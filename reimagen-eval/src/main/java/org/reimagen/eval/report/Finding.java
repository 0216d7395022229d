package org.reimagen.eval.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.reimagen.core.ReImagenException;
import org.reimagen.eval.Interval;

/**
 * What was measured of a figure.
 *
 * @param score with interval and N where the file has them; low and high equal the value, and n is 0, where it does not;
 *     empty where nothing was measured
 * @param seed that the file names, or empty
 * @param modelHash likewise
 * @param knowledgeHash likewise
 */
public record Finding(
        Expectation expectation, Optional<Interval> score, String seed, String modelHash, String knowledgeHash) {
    /**
     * Looks a figure up.
     *
     * @param folder that the figure's file is relative to
     * @throws ReImagenException naming the file, if it is there but no JSON
     */
    public static Finding of(Expectation expectation, Path folder) {
        Path file = folder.resolve(expectation.file());
        if (!Files.isRegularFile(file)) {
            return new Finding(expectation, Optional.empty(), "", "", "");
        }
        try {
            JsonNode root = new ObjectMapper().readTree(Files.readAllBytes(file));
            return new Finding(
                    expectation,
                    Scores.of(root.at(expectation.pointer())),
                    root.path("seed").asText(),
                    root.path("model_sha256").asText(),
                    root.path("knowledge_base_sha256").asText());
        } catch (IOException e) {
            throw new ReImagenException(file + ": is no readable JSON", e);
        }
    }

    /** Whether it was measured and is as expected. */
    public boolean holds() {
        return score.filter(s -> Math.abs(s.value() - expectation.expected()) <= expectation.tolerance() + 1e-12)
                .isPresent();
    }

    /** One line: verdict, name, score, expected score. */
    public String line() {
        String measured = score.map(s -> "%.4f".formatted(s.value())).orElse("not measured");
        return "%s  %-40s %s, expected %.4f ± %.4f"
                .formatted(
                        holds() ? "ok  " : "FAIL",
                        expectation.name(),
                        measured,
                        expectation.expected(),
                        expectation.tolerance());
    }
}
