package org.reimagen.knowledge.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.KnowledgeException;

/**
 * The pictures of WebQA, which WikiImages is drawn from: questions in JSON, each with {@code split} and {@code img_posFacts} and
 * {@code img_negFacts} (image_id, title, caption, url), and a TSV of image_id and base64.
 *
 * <p><b>Source</b>: Chang et al., WebQA, arXiv 2109.00590; Re-Imagen, arXiv 2209.14491, section 4.2.
 */
public final class WebQaImages {
    private static final int LONGEST_ID = 32;

    private WebQaImages() {}

    /**
     * Every picture of a split that a question names and the TSV holds, once, in the order of the questions.
     *
     * @param questions such as {@code WebQA_train_val.json}
     * @param images such as {@code imgs.tsv}; only where its lines begin is kept in memory
     * @param split {@code train}, {@code val} or {@code test}; empty for all
     * @throws KnowledgeException naming the file and what is wrong with it
     */
    public static List<CaptionedPicture> read(Path questions, Path images, String split) {
        JsonNode root = CocoCaptions.json(questions);
        if (!root.isObject()) {
            throw new KnowledgeException(questions + ": is no object of questions");
        }
        Map<String, Line> lines = lines(images);
        Map<String, CaptionedPicture> pictures = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> question : root.properties()) {
            JsonNode value = question.getValue();
            if (split.isEmpty() || value.path("split").asText().equals(split)) {
                for (String facts : List.of("img_posFacts", "img_negFacts", "img_Facts")) {
                    value.path(facts).forEach(fact -> add(pictures, fact, images, lines));
                }
            }
        }
        return new ArrayList<>(pictures.values());
    }

    private static void add(
            Map<String, CaptionedPicture> pictures, JsonNode fact, Path images, Map<String, Line> lines) {
        String id = fact.path("image_id").asText();
        String caption = fact.path("caption").asText().strip();
        Line line = lines.get(id);
        if (line != null && !caption.isEmpty()) {
            String title = fact.path("title").asText(caption).replace('_', ' ').strip();
            String source = fact.path("url").asText("webqa:" + id);
            pictures.putIfAbsent(id, new CaptionedPicture(id, caption, title, source, () -> decode(images, id, line)));
        }
    }

    /** Where a picture's base64 lies in the file. */
    private record Line(long start, int length) {}

    private static Map<String, Line> lines(Path images) {
        Map<String, Line> lines = new HashMap<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(images), 1 << 16)) {
            StringBuilder id = new StringBuilder();
            long at = 0;
            long tab = -1;
            for (int b = in.read(); ; b = in.read(), at++) {
                if (b == '\n' || b < 0) {
                    if (tab >= 0) {
                        lines.put(id.toString(), new Line(tab + 1, Math.toIntExact(at - tab - 1)));
                    } else if (!id.isEmpty()) {
                        throw new KnowledgeException(images + ": the line \"" + id + "\" has no tab");
                    }
                    id.setLength(0);
                    tab = -1;
                    if (b < 0) {
                        return lines;
                    }
                } else if (tab < 0 && b == '\t') {
                    tab = at;
                } else if (tab < 0) {
                    id.append((char) b);
                    if (id.length() > LONGEST_ID) {
                        throw new KnowledgeException(
                                images + ": the line \"" + id + "…\" begins with no image_id and tab");
                    }
                }
            }
        } catch (IOException e) {
            throw new KnowledgeException(images + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static byte[] decode(Path images, String id, Line line) {
        if (line.length() / 4L * 3 > KnowledgeBaseWriter.MAX_BYTES) {
            throw new KnowledgeException(images + ": picture " + id + " is larger than 64 MiB");
        }
        byte[] text = new byte[line.length()];
        try (RandomAccessFile file = new RandomAccessFile(images.toFile(), "r")) {
            file.seek(line.start());
            file.readFully(text);
            return Base64.getDecoder().decode(new String(text, StandardCharsets.ISO_8859_1).strip());
        } catch (IOException | IllegalArgumentException e) {
            throw new KnowledgeException(images + ": picture " + id + " cannot be read: " + e.getMessage(), e);
        }
    }
}
