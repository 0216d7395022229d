package org.reimagen.knowledge.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.NewPair;

/**
 * A table that names pictures beside it: {@code metadata.jsonl}, CSV or TSV with a header line.
 *
 * <p>Columns as in {@link Records#toPair}; further ones are ignored.
 */
public final class TableSource implements Source {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final Path folder;
    private final Format format;

    private enum Format {
        JSONL,
        CSV,
        TSV
    }

    /** @throws KnowledgeException if there is no such file or its ending is not .jsonl, .csv or .tsv */
    public TableSource(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new KnowledgeException(file + ": no such file");
        }
        this.file = file;
        this.folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        String name = file.toString();
        if (name.endsWith(".jsonl")) {
            format = Format.JSONL;
        } else if (name.endsWith(".csv")) {
            format = Format.CSV;
        } else if (name.endsWith(".tsv")) {
            format = Format.TSV;
        } else {
            throw new KnowledgeException(file + ": is no .jsonl, .csv or .tsv");
        }
    }

    @Override
    public void forEach(Consumer<NewPair> pairs, Consumer<Rejected> rejected) {
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            List<String> header = format == Format.JSONL ? List.of() : Delimited.row(reader, separator());
            for (int row = 1; ; row++) {
                String item = file.getFileName() + " row " + row;
                NewPair pair;
                try {
                    Map<String, String> columns = format == Format.JSONL ? json(reader) : columns(reader, header);
                    if (columns.isEmpty()) {
                        return;
                    }
                    pair = Records.toPair(folder, columns);
                } catch (KnowledgeException e) {
                    rejected.accept(new Rejected(item, String.valueOf(e.getMessage())));
                    continue;
                }
                pairs.accept(pair);
            }
        } catch (IOException e) {
            throw new KnowledgeException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private char separator() {
        return format == Format.TSV ? '\t' : ',';
    }

    private static Map<String, String> json(BufferedReader reader) throws IOException {
        String line = reader.readLine();
        while (line != null && line.isBlank()) {
            line = reader.readLine();
        }
        Map<String, String> columns = new HashMap<>();
        if (line == null) {
            return columns;
        }
        try {
            JsonNode node = JSON.readTree(line);
            if (!node.isObject() || node.isEmpty()) {
                throw new KnowledgeException("is no JSON object");
            }
            node.properties().forEach(f -> columns.put(f.getKey(), text(f.getValue())));
            return columns;
        } catch (JsonProcessingException e) {
            throw new KnowledgeException("is no valid JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static String text(JsonNode node) {
        if (!node.isArray()) {
            return node.asText();
        }
        StringBuilder joined = new StringBuilder();
        node.forEach(n -> joined.append(joined.isEmpty() ? "" : ",").append(n.asText()));
        return joined.toString();
    }

    private Map<String, String> columns(BufferedReader reader, List<String> header) throws IOException {
        List<String> row = Delimited.row(reader, separator());
        Map<String, String> columns = new HashMap<>();
        for (int i = 0; i < Math.min(row.size(), header.size()); i++) {
            columns.put(header.get(i).strip(), row.get(i));
        }
        if (columns.isEmpty() && !row.isEmpty()) {
            throw new KnowledgeException("a row needs file_name and text");
        }
        return columns;
    }
}
