package org.reimagen.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.checkpoint.AtomicFile;
import org.reimagen.eval.Faithfulness;
import org.reimagen.eval.FaithfulnessAlignment;
import org.reimagen.eval.Interval;
import org.reimagen.eval.Row;
import org.reimagen.knowledge.encoder.Embedder;

/** CLIP-T and CLIP-I of what {@code eval faithfulness} drew. */
final class ClipMeasures {
    private ClipMeasures() {}

    /** Prints those of every row and writes them to {@code clip.json}, if there is a dual encoder. */
    static void write(
            @Nullable Embedder dual, Faithfulness faithfulness, List<Row> rows, Path folder, PrintWriter out) {
        if (dual == null) {
            return;
        }
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("encoder", dual.name());
        for (Row row : rows) {
            Map<String, Interval> figures = FaithfulnessAlignment.of(faithfulness, row, dual);
            figures.forEach((name, figure) -> out.printf("%s %s  %s%n", name, figure.plain(), row.name()));
            results.put(row.name(), figures);
        }
        try {
            byte[] json = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(results);
            AtomicFile.write(folder.resolve("clip.json"), to -> to.write(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        out.println("wrote " + folder.resolve("clip.json"));
    }
}
