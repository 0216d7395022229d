package org.reimagen.pipeline;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.retrieval.Neighbor;

/**
 * What was drawn, and from what.
 *
 * @param request as it was asked
 * @param images one a seed, RGB, as the last stage drew them
 * @param stages the pictures of every stage by their side in pixels, first stage first; the last are {@code images}
 * @param copyScores of the images, by {@link CopyScore}, against the neighbour that each repeats most; 0 without neighbours
 * @param seeds of the images
 * @param retrieved the neighbours used, nearest first
 * @param modelName folder name of the model
 * @param modelHash SHA-256 of its weights
 * @param knowledgeHash of the knowledge base
 * @param millis time by stage: retrieve, encode, sample, sr256, sr1024
 */
public record GenerationResult(
        GenerationRequest request,
        List<BufferedImage> images,
        SequencedMap<Integer, List<BufferedImage>> stages,
        List<Double> copyScores,
        List<Long> seeds,
        List<Neighbor> retrieved,
        String modelName,
        String modelHash,
        String knowledgeHash,
        Map<String, Long> millis) {
    /** The lists are copied. */
    public GenerationResult {
        images = List.copyOf(images);
        stages = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(stages));
        copyScores = List.copyOf(copyScores);
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
