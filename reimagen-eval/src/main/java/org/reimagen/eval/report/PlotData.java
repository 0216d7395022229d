package org.reimagen.eval.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reimagen.core.ReImagenException;
import org.reimagen.eval.Interval;

/**
 * What was measured for a plot.
 *
 * @param series by name, in the file's order; none where nothing was measured
 * @param categories names along the horizontal axis, in order; empty where it counts
 * @param about seed and hashes that the file names, by name
 */
public record PlotData(
        PlotSpec spec, Map<String, List<Point>> series, List<String> categories, Map<String, String> about) {
    private static final List<String> ABOUT = List.of("seed", "model_sha256", "knowledge_base_sha256", "precision");

    /**
     * One point.
     *
     * @param x with its interval; of a category, its place in {@link PlotData#categories}
     * @param at what the horizontal axis says of it
     * @param label written beside it, or empty
     * @param n number of things measured, 0 where the file does not say
     */
    public record Point(Interval x, String at, Interval y, String label, int n) {}

    /**
     * Looks a plot's points up.
     *
     * @param folder that the plot's file is relative to
     * @throws ReImagenException naming the file, if it is there but no JSON
     */
    public static PlotData of(PlotSpec spec, Path folder) {
        Path file = folder.resolve(spec.file());
        if (!Files.isRegularFile(file)) {
            return new PlotData(spec, Map.of(), List.of(), Map.of());
        }
        try {
            JsonNode root = new ObjectMapper().readTree(Files.readAllBytes(file));
            List<JsonNode> rows = rows(root.at(spec.rows())).stream()
                    .filter(row -> isTaken(spec, row))
                    .toList();
            Map<String, String> about = new LinkedHashMap<>();
            ABOUT.stream()
                    .filter(root::has)
                    .forEach(key -> about.put(key, root.path(key).asText()));
            List<String> categories = categories(spec, rows);
            return new PlotData(
                    spec, series(spec, rows, categories, root.path("targets").asInt()), categories, about);
        } catch (IOException e) {
            throw new ReImagenException(file + ": is no readable JSON", e);
        }
    }

    private static List<JsonNode> rows(JsonNode node) {
        List<JsonNode> rows = new ArrayList<>();
        if (node.isObject()) {
            node.properties().forEach(entry -> {
                if (entry.getValue() instanceof ObjectNode row) {
                    rows.add(row.deepCopy().put("key", entry.getKey()));
                }
            });
        } else {
            node.forEach(rows::add);
        }
        return rows;
    }

    private static boolean isTaken(PlotSpec spec, JsonNode row) {
        return spec.where() == null
                || spec.where().entrySet().stream()
                        .allMatch(w -> w.getValue().contains(row.at(w.getKey()).asText()));
    }

    private static List<String> categories(PlotSpec spec, List<JsonNode> rows) {
        if (rows.stream().noneMatch(row -> row.at(spec.x().pointer()).isTextual())) {
            return List.of();
        }
        List<String> met = rows.stream()
                .map(row -> row.at(spec.x().pointer()).asText())
                .distinct()
                .toList();
        List<String> named =
                spec.where() == null ? null : spec.where().get(spec.x().pointer());
        return named == null ? met : named.stream().filter(met::contains).toList();
    }

    private static Map<String, List<Point>> series(
            PlotSpec spec, List<JsonNode> rows, List<String> categories, int targets) {
        Map<String, List<Point>> series = new LinkedHashMap<>();
        for (JsonNode row : rows) {
            spec.measures().forEach((measure, pointer) -> {
                Optional<Interval> y = Scores.of(row.at(pointer));
                Optional<Interval> x = x(spec, row, categories);
                if (x.isPresent() && y.isPresent()) {
                    String name = spec.split() == null
                            ? measure
                            : row.at(spec.split()).asText();
                    series.computeIfAbsent(name, _ -> new ArrayList<>())
                            .add(point(spec, row, x.get(), y.get(), targets));
                }
            });
        }
        boolean labelled = spec.label() != null;
        series.values()
                .forEach(points -> points.sort(
                        labelled
                                ? Comparator.comparing(Point::label)
                                : Comparator.comparingDouble(p -> p.x().value())));
        return series;
    }

    private static Optional<Interval> x(PlotSpec spec, JsonNode row, List<String> categories) {
        JsonNode node = row.at(spec.x().pointer());
        if (!categories.isEmpty()) {
            int place = categories.indexOf(node.asText());
            return place < 0 ? Optional.empty() : Optional.of(new Interval(place, place, place, 0));
        }
        return Scores.of(node);
    }

    private static Point point(PlotSpec spec, JsonNode row, Interval x, Interval y, int targets) {
        JsonNode at = row.at(spec.x().pointer());
        String label = spec.label() == null
                ? ""
                : spec.label().name() + " " + row.at(spec.label().pointer()).asText();
        String said = at.isValueNode() ? at.asText() : SvgPlot.number(x.value());
        return new Point(x, said, y, label, y.n() > 0 ? y.n() : targets);
    }
}
