package org.reimagen.eval.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.reimagen.eval.Interval;

/** Scores as the files of evaluations have them: a number, or an object with {@code value}, {@code low}, {@code high}, {@code n}. */
final class Scores {
    private Scores() {}

    /** The score; its ends are its value, and n is 0, where the file has none. */
    static Optional<Interval> of(JsonNode node) {
        if (node.isNumber()) {
            return Optional.of(new Interval(node.asDouble(), node.asDouble(), node.asDouble(), 0));
        }
        if (!node.path("value").isNumber()) {
            return Optional.empty();
        }
        double value = node.path("value").asDouble();
        return Optional.of(new Interval(
                value,
                node.path("low").asDouble(value),
                node.path("high").asDouble(value),
                node.path("n").asInt()));
    }
}
