package org.reimagen.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.checkpoint.AtomicFile;
import org.reimagen.eval.Faithfulness;
import org.reimagen.eval.FaithfulnessAlignment;
import org.reimagen.eval.Interval;
import org.reimagen.eval.Row;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.encoder.Embedder;
import org.reimagen.knowledge.encoder.OnnxClipEmbedder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.knowledge.retrieval.Retriever;
import org.reimagen.knowledge.retrieval.Retrievers;
import org.reimagen.pipeline.DualEncoderEmbedder;

/** The dual encoder that {@code --clip} names, or none. <b>Owns</b>: it, until {@link #close}. */
record Duals(@Nullable Embedder dual) implements AutoCloseable {
    static final String FLAG =
            "folder of a dual encoder, of train clip or a CLIP in ONNX form, to take vectors from, such as models/emoji-clip";

    static final String MEASURE =
            "folder of a dual encoder to measure CLIP-T and CLIP-I with, such as models/emoji-clip";

    /**
     * Opens the folder, whichever kind it is.
     *
     * @param folder empty for none
     * @param encoder stays the caller's
     */
    static Duals open(String folder, TextEncoder encoder) {
        return new Duals(folder.isEmpty() ? null : embedder(Path.of(folder), encoder));
    }

    /** The dual encoder in a folder: a CLIP in ONNX form where there is a vision tower, else one of {@code train clip}. */
    static Embedder embedder(Path folder, TextEncoder encoder) {
        return Files.isRegularFile(folder.resolve(OnnxClipEmbedder.VISION))
                ? OnnxClipEmbedder.fromFolder(folder)
                : DualEncoderEmbedder.open(folder, encoder);
    }

    /** What pairs are embedded with: those that every base has, and the dual encoder. */
    List<Embedder> embedders(TextEncoder encoder) {
        List<Embedder> all = new ArrayList<>(Retrievers.embedders(encoder));
        if (dual != null) {
            all.add(dual);
        }
        return all;
    }

    /** Names of the vectors that are searched. */
    List<String> names(TextEncoder encoder) {
        return (dual == null ? Retrievers.embedders(encoder) : List.of(dual))
                .stream().map(Embedder::name).toList();
    }

    /** The retriever of a name, over the dual encoder if there is one. */
    Retriever retriever(Retrievers kind, KnowledgeBase base, TextEncoder encoder) {
        return dual == null ? kind.over(base, encoder) : kind.overDual(base, dual);
    }

    /** Prints CLIP-T and CLIP-I of every row and writes them to {@code clip.json}, if there is a dual encoder. */
    void measure(Faithfulness faithfulness, List<Row> rows, Path folder, PrintWriter out) {
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

    @Override
    public void close() {
        if (dual != null) {
            dual.close();
        }
    }
}
