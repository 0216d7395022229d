package org.reimagen.train.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.reimagen.core.ReImagenException;
import org.reimagen.pipeline.Background;

/**
 * Crops of full-resolution drawings on disk, as {@link CropSetBuilder} makes them.
 *
 * <p>A batch is a function of (seed, step). <b>Thread-safety</b>: safe.
 */
public final class CropDataset {
    private static final int[][] PERMUTATIONS = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    private final List<CropSetBuilder.Crop> crops;
    private final List<Integer> training = new ArrayList<>();
    private final List<Integer> heldOut = new ArrayList<>();
    private final List<List<Integer>> neighbors = new ArrayList<>(); // of every crop, among those that are trained on
    private final ByteBuffer pixels;
    private final int size;
    private final int resolution;
    private final String knowledgeHash;

    private CropDataset(List<CropSetBuilder.Crop> crops, ByteBuffer pixels, JsonNode info) {
        this.crops = List.copyOf(crops);
        this.pixels = pixels;
        this.size = info.path("size").asInt();
        this.resolution = info.path("resolution").asInt();
        this.knowledgeHash = info.path("knowledge_base_sha256").asText();
        for (int i = 0; i < crops.size(); i++) {
            (crops.get(i).heldOut() ? heldOut : training).add(i);
        }
        Map<String, Integer> rows = new HashMap<>();
        training.forEach(row -> rows.put(crops.get(row).id(), row));
        crops.forEach(crop -> neighbors.add(crop.neighbors().stream()
                .map(rows::get)
                .filter(Objects::nonNull)
                .toList()));
    }

    /**
     * Opens the set in {@code folder}.
     *
     * @throws ReImagenException naming the file that is missing or does not fit
     */
    public static CropDataset open(Path folder) {
        Path info = folder.resolve("dataset.json");
        Path file = folder.resolve("crops.bin");
        if (!Files.isRegularFile(info) || !Files.isRegularFile(file)) {
            throw new ReImagenException(folder + ": is no set of crops; make one with dataset crops");
        }
        try {
            JsonNode json = DatasetBuilder.JSON.readTree(Files.readAllBytes(info));
            List<CropSetBuilder.Crop> crops = new ArrayList<>();
            for (String line : Files.readAllLines(folder.resolve("manifest.jsonl"), StandardCharsets.UTF_8)) {
                crops.add(DatasetBuilder.JSON.readValue(line, CropSetBuilder.Crop.class));
            }
            int size = json.path("size").asInt();
            CropDataset set = new CropDataset(crops, KnnDataset.map(file, (long) crops.size() * size * size * 4), json);
            if (set.training.isEmpty()) {
                throw new ReImagenException(folder + ": has no crop to train on");
            }
            return set;
        } catch (IOException e) {
            throw new ReImagenException(folder + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** Side of the pictures that the crops are of, in pixels. */
    public int resolution() {
        return resolution;
    }

    /** Side of the stored crops in pixels. */
    public int size() {
        return size;
    }

    /** Hash of the knowledge base it was made from. */
    public String knowledgeHash() {
        return knowledgeHash;
    }

    /**
     * The batch of a training step: flipped, transposed, recoloured and on coloured backgrounds at random.
     *
     * @param count crops
     * @param side of the crops, at most {@link #size}
     * @param factor by which their small versions are smaller
     */
    public CropBatch batch(long seed, long step, int count, int side, int factor) {
        RandomGenerator random =
                RandomGeneratorFactory.of("L64X128MixRandom").create(seed * 0x9E3779B97F4A7C15L + step);
        Cutter cutter = new Cutter(count, side, factor);
        for (int i = 0; i < count; i++) {
            int row = training.get(random.nextInt(training.size()));
            Background background = random.nextInt(10) < 6
                    ? Background.WHITE
                    : Background.COLOURS.get(random.nextInt(Background.COLOURS.size()));
            int places = (size - side) / factor + 1;
            cutter.cut(
                    row,
                    random.nextInt(places) * factor,
                    random.nextInt(places) * factor,
                    background,
                    new Turn(
                            random.nextBoolean(),
                            random.nextInt(10) < 3,
                            random.nextInt(10) < 3 ? random.nextInt(6) : 0));
        }
        return cutter.batch();
    }

    /** Whether any crop names neighbours: whole pictures do, where the set was made to hold them. */
    public boolean namesNeighbors() {
        return neighbors.stream().anyMatch(of -> !of.isEmpty());
    }

    /**
     * As {@link #batch}, with captions and neighbours: the crops come in groups whose pictures are each other's neighbours, each
     * group flipped, transposed and recoloured alike.
     *
     * @param most neighbours of a crop at most, 0 for captions alone
     */
    public GuidedCrops guided(long seed, long step, int count, int side, int factor, int most) {
        RandomGenerator random =
                RandomGeneratorFactory.of("L64X128MixRandom").create(seed * 0x9E3779B97F4A7C15L + step);
        return new GuidedCropDealer(this, random, most).deal(count, side, factor);
    }

    List<Integer> training() {
        return training;
    }

    /** Rows of the crops that the crop {@code row} may read. */
    List<Integer> neighbors(int row) {
        return neighbors.get(row);
    }

    String caption(int row) {
        return crops.get(row).caption();
    }

    /** The first {@code count} held-out crops, whole and on white; of training ones if none is held out. */
    public CropBatch heldOut(int count, int factor) {
        List<Integer> rows = heldOut.isEmpty() ? training : heldOut;
        List<Integer> first = rows.subList(0, Math.min(count, rows.size()));
        Cutter cutter = new Cutter(first.size(), size, factor);
        first.forEach(row -> cutter.cut(row, 0, 0, Background.WHITE, new Turn(false, false, 0)));
        return cutter.batch();
    }

    /** @param permutation index of {@link #PERMUTATIONS}: which channel stands for red, green and blue */
    record Turn(boolean flip, boolean transpose, int permutation) {}

    /** A {@link Cutter} of {@code count} crops. */
    Cutter cutter(int count, int side, int factor) {
        return new Cutter(count, side, factor);
    }

    /** Lays the crops of one batch out. */
    final class Cutter {
        private final int side;
        private final int factor;
        private final float[] large;
        private final List<String> ids = new ArrayList<>();

        Cutter(int count, int side, int factor) {
            if (side > size || side % factor != 0) {
                throw new ReImagenException(
                        "crops must be at most %d pixels and a multiple of %d, were %d".formatted(size, factor, side));
            }
            this.side = side;
            this.factor = factor;
            this.large = new float[count * 3 * side * side];
        }

        void cut(int row, int left, int top, Background background, Turn turn) {
            int at = ids.size() * 3 * side * side;
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    int flipped = turn.flip ? side - 1 - x : x;
                    int target = turn.transpose ? flipped * side + y : y * side + flipped;
                    int p = ((row * size + top + y) * size + left + x) * 4;
                    float alpha = (pixels.get(p + 3) & 255) / 255f;
                    for (int c = 0; c < 3; c++) {
                        int channel = PERMUTATIONS[turn.permutation][c];
                        float value = (pixels.get(p + channel) & 255) * alpha + background.channel(c) * (1 - alpha);
                        large[at + c * side * side + target] = value / 127.5f - 1;
                    }
                }
            }
            ids.add(crops.get(row).id());
        }

        CropBatch batch() {
            int small = side / factor;
            float[] means = new float[ids.size() * 3 * small * small];
            for (int i = 0; i < large.length; i++) {
                int plane = i / (side * side);
                int y = i / side % side / factor;
                int x = i % side / factor;
                means[(plane * small + y) * small + x] += large[i] / (factor * factor);
            }
            return new CropBatch(ids, large, means, side, small);
        }
    }
}
