package org.reimagen.train.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import org.reimagen.core.ReImagenException;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.StyleFamilies;
import org.reimagen.knowledge.retrieval.Bm25Retriever;
import org.reimagen.knowledge.retrieval.Filters;
import org.reimagen.knowledge.retrieval.Query;
import org.reimagen.knowledge.retrieval.Retriever;

/**
 * Makes a KNN training set from a knowledge base: every pair asks the same base with its own text.
 *
 * <p>Layout: {@code manifest.jsonl}, one {@link Example} a line; {@code pictures.bin}, RGBA bytes of every picture in the
 * same order; {@code dataset.json}. <b>Source</b>: Re-Imagen, arXiv 2209.14491, section 3.3 (KNN-ImageText).
 */
public final class DatasetBuilder {
    /** Neighbours kept for each pair. */
    public static final int NEIGHBORS = 8;

    static final ObjectMapper JSON = new ObjectMapper();

    private final KnowledgeBase base;
    private final Retriever retriever;
    private final StyleFamilies families;

    /** A builder that reads {@code base}, which stays open. */
    public DatasetBuilder(KnowledgeBase base) {
        this.base = base;
        this.retriever = new Bm25Retriever(base);
        this.families = new StyleFamilies(base.styles());
    }

    /** Whether {@code folder} holds a whole set, of pictures or crops, that was made from {@code base} as it is now. */
    public static boolean isOf(Path folder, KnowledgeBase base) {
        Path info = folder.resolve("dataset.json");
        if (!Files.isRegularFile(info)) {
            return false;
        }
        try {
            String made = JSON.readTree(Files.readAllBytes(info))
                    .path("knowledge_base_sha256")
                    .asText();
            return made.equals(base.hash());
        } catch (IOException e) {
            throw new ReImagenException(info + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * What was made.
     *
     * @param pictures all of them
     * @param heldOut those of held-out entities
     */
    public record Summary(int pictures, int heldOut, int entities) {}

    /**
     * Writes the set.
     *
     * @param folder to write into
     * @param size side of the pictures in pixels
     * @param progress told the number of pictures done
     */
    public Summary build(Path folder, int size, IntConsumer progress) {
        List<Pair> pairs = base.pairs();
        List<Example> examples = new ArrayList<>();
        try {
            Files.createDirectories(folder);
            try (OutputStream pictures =
                            new BufferedOutputStream(Files.newOutputStream(folder.resolve("pictures.bin")), 1 << 16);
                    OutputStream manifest =
                            new BufferedOutputStream(Files.newOutputStream(folder.resolve("manifest.jsonl")))) {
                for (Pair pair : pairs) {
                    Example example = example(pair);
                    examples.add(example);
                    manifest.write((JSON.writeValueAsString(example) + "\n").getBytes(StandardCharsets.UTF_8));
                    pictures.write(rgba(base.picture(pair, size), 0, 0, size));
                    progress.accept(examples.size());
                }
            }
            Summary summary = summary(examples);
            writeInfo(folder, size, summary);
            return summary;
        } catch (IOException e) {
            throw new ReImagenException(folder + ": the training set cannot be written: " + e.getMessage(), e);
        }
    }

    private Example example(Pair pair) {
        return new Example(
                pair.id(), pair.entity(), pair.style(), pair.tags(), Split.isHeldOut(pair.entity()), neighbors(pair));
    }

    /** Ids of what the pair's own title retrieves: neither itself, nor a near duplicate, nor of its family of styles. */
    List<String> neighbors(Pair pair) {
        Query query = Query.of(pair.title(), NEIGHBORS)
                .filtered(new Filters(Set.of(), Set.of(), Set.of(), families.siblings(pair.style())))
                .excluding(Set.of(pair.id()))
                .excludingNearDuplicatesOf(pair.perceptualHash());
        return retriever.retrieve(query).stream().map(n -> n.pair().id()).toList();
    }

    /** RGBA bytes of a square part of a picture, row by row. */
    static byte[] rgba(BufferedImage argb, int left, int top, int side) {
        int[] pixels = argb.getRGB(left, top, side, side, null, 0, side);
        byte[] bytes = new byte[4 * pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            bytes[4 * i] = (byte) (pixels[i] >> 16);
            bytes[4 * i + 1] = (byte) (pixels[i] >> 8);
            bytes[4 * i + 2] = (byte) pixels[i];
            bytes[4 * i + 3] = (byte) (pixels[i] >>> 24);
        }
        return bytes;
    }

    private static Summary summary(List<Example> examples) {
        int heldOut = (int) examples.stream().filter(Example::heldOut).count();
        int entities = (int) examples.stream().map(Example::entity).distinct().count();
        return new Summary(examples.size(), heldOut, entities);
    }

    private void writeInfo(Path folder, int size, Summary summary) throws IOException {
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("knowledge_base_sha256", base.hash());
        info.put("size", size);
        info.put("pictures", summary.pictures());
        info.put("held_out", summary.heldOut());
        info.put("entities", summary.entities());
        Files.writeString(
                folder.resolve("dataset.json"),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsString(info) + "\n");
    }
}
