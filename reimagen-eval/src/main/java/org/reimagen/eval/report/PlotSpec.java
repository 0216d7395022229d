package org.reimagen.eval.report;

import static org.reimagen.eval.report.Expectation.isPointer;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;

/**
 * A plot of figures that lie in one file. A row of the file becomes a point of each measure.
 *
 * @param name title
 * @param command that measures it
 * @param file JSON that the command writes
 * @param rows JSON pointer to a list of rows, or to an object whose values are rows; the key is then {@code /key}
 * @param x where a point lies: a number, an object with {@code value} as in {@link Expectation}, or a category's name
 * @param unit what the vertical axis counts
 * @param measures name of a series to a JSON pointer into the row
 * @param split JSON pointer into the row whose values make series of their own; null for none
 * @param label JSON pointer into the row to what is written beside a point; null for none. Points are joined in its order
 * @param where JSON pointer into the row to the values that are taken; null for all rows. Values of {@code x} that are named
 *     here appear in this order
 */
public record PlotSpec(
        @JsonProperty(required = true) String name,
        @JsonProperty(required = true) String command,
        @JsonProperty(required = true) String file,
        @JsonProperty(required = true) String rows,
        @JsonProperty(required = true) Axis x,
        @JsonProperty(required = true) String unit,
        @JsonProperty(required = true) Map<String, String> measures,
        @Nullable String split,
        @Nullable Label label,
        @Nullable Map<String, List<String>> where) {
    /**
     * The horizontal axis.
     *
     * @param name what it counts
     * @param pointer JSON pointer into a row
     */
    public record Axis(
            @JsonProperty(required = true) String name,
            @JsonProperty(required = true) String pointer) {
        /** @throws ReImagenException if the pointer is none */
        public Axis {
            requirePointer(pointer);
        }
    }

    /**
     * What is written beside a point.
     *
     * @param name before the value, such as {@code η =}
     * @param pointer JSON pointer into a row
     */
    public record Label(
            @JsonProperty(required = true) String name,
            @JsonProperty(required = true) String pointer) {
        /** @throws ReImagenException if the pointer is none */
        public Label {
            requirePointer(pointer);
        }
    }

    /** @throws ReImagenException naming the plot and what is wrong */
    public PlotSpec {
        boolean pointers = isPointer(rows)
                && (split == null || isPointer(split))
                && (where == null || where.keySet().stream().allMatch(Expectation::isPointer));
        boolean texts = Stream.of(name, command, file, unit).noneMatch(Expectation::isMissing);
        if (!pointers || !texts || x == null || measures == null || measures.isEmpty()) {
            throw new ReImagenException("plot \"" + name
                    + "\": name, command, file, unit, x, measures and pointers that begin with / are needed");
        }
        measures = new LinkedHashMap<>(measures);
        measures.values().forEach(PlotSpec::requirePointer);
    }

    private static void requirePointer(String pointer) {
        if (!isPointer(pointer)) {
            throw new ReImagenException("pointer must begin with /, was " + pointer);
        }
    }
}
