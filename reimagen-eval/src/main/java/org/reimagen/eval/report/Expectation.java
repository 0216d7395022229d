package org.reimagen.eval.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
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
    /** @throws ReImagenException naming the figure and field at fault */
    public Expectation {
        if (isMissing(name) || isMissing(command) || isMissing(file) || !isPointer(pointer)) {
            throw new ReImagenException(
                    "figure \"" + name + "\": name, command, file and a pointer that begins with / are needed");
        }
        if (!(tolerance >= 0) || !Double.isFinite(expected)) {
            throw new ReImagenException("figure \"" + name + "\": tolerance must be at least 0");
        }
    }

    /** Whether a key of the file has no text; an empty YAML value is null. */
    static boolean isMissing(@Nullable String text) {
        return text == null || text.isBlank();
    }

    /** Whether a text is a JSON pointer. */
    static boolean isPointer(@Nullable String text) {
        return text != null && text.startsWith("/");
    }
}
