package org.reimagen.eval.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.reimagen.core.ReImagenException;

/**
 * A figure and the score that is expected of it.
 *
 * @param name of the figure, to be read
 * @param command that measures it
 * @param file JSON that the command writes
 * @param pointer JSON pointer into it: to a number, or to an object with {@code value}, {@code low}, {@code high}, {@code n}
 * @param expected score
 * @param tolerance how far the score may be from it, at least 0
 */
public record Expectation(
        @JsonProperty(required = true) String name,
        @JsonProperty(required = true) String command,
        @JsonProperty(required = true) String file,
        @JsonProperty(required = true) String pointer,
        @JsonProperty(required = true) double expected,
        @JsonProperty(required = true) double tolerance) {
    private record Sheet(@JsonProperty(required = true) List<Expectation> figures) {}

    /** @throws ReImagenException naming the figure and field at fault */
    public Expectation {
        if (name.isBlank() || command.isBlank() || file.isBlank() || !pointer.startsWith("/")) {
            throw new ReImagenException(
                    "figure \"" + name + "\": name, command, file and a pointer that begins with / are needed");
        }
        if (!(tolerance >= 0) || !Double.isFinite(expected)) {
            throw new ReImagenException("figure \"" + name + "\": tolerance must be at least 0");
        }
    }

    /**
     * Reads a file of YAML: {@code figures}, a list of these. Unknown keys are errors.
     *
     * @throws ReImagenException naming the file and what is wrong
     */
    public static List<Expectation> read(Path yaml) {
        if (!Files.isRegularFile(yaml)) {
            throw new ReImagenException(yaml + ": no such file");
        }
        try {
            YAMLMapper mapper = YAMLMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .build();
            List<Expectation> figures =
                    mapper.readValue(Files.readAllBytes(yaml), Sheet.class).figures();
            Set<String> names = new HashSet<>();
            figures.forEach(f -> {
                if (!names.add(f.name())) {
                    throw new ReImagenException(yaml + ": figure \"" + f.name() + "\" is there twice");
                }
            });
            return List.copyOf(figures);
        } catch (JsonProcessingException e) {
            throw new ReImagenException(yaml + ": " + reason(e), e);
        } catch (IOException e) {
            throw new ReImagenException(yaml + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static String reason(JsonProcessingException e) {
        Throwable cause = e.getCause();
        String message = cause instanceof ReImagenException ? cause.getMessage() : e.getOriginalMessage();
        return String.valueOf(message).lines().findFirst().orElse("is no valid YAML");
    }
}
