package org.reimagen.pipeline;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.retrieval.Neighbor;

/**
 * What was drawn, and from what.
 *
 * @param request as it was asked
 * @param images one a seed, RGB
 * @param seeds of the images
 * @param retrieved the neighbours used, nearest first
 * @param modelName folder name of the model
 * @param modelHash SHA-256 of its weights
 * @param knowledgeHash of the knowledge base
 * @param millis time by stage: retrieve, encode, sample
 */
public record GenerationResult(
        GenerationRequest request,
        List<BufferedImage> images,
        List<Long> seeds,
        List<Neighbor> retrieved,
        String modelName,
        String modelHash,
        String knowledgeHash,
        Map<String, Long> millis) {
    /** The lists are copied. */
    public GenerationResult {
        images = List.copyOf(images);
        seeds = List.copyOf(seeds);
        retrieved = List.copyOf(retrieved);
        millis = Map.copyOf(millis);
    }

    /** The pairs used as references, nearest first. */
    public List<Pair> neighbors() {
        return retrieved.stream().map(Neighbor::pair).toList();
    }

    /** Text chunks of the picture at {@code index}, by keyword: how it was made and from what. */
    public Map<String, String> metadata(int index) {
        return PngMetadata.of(this, index);
    }

    /** Writes the first picture with its metadata; see {@link PngWriter}. */
    public void writePng(Path file) {
        PngWriter.write(file, images.getFirst(), metadata(0));
    }
}
