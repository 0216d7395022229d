package org.reimagen.train.data;

import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import org.reimagen.core.ReImagenException;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;

/**
 * Makes a training set for super-resolution: crops of pictures drawn at full resolution.
 *
 * <p>Layout: {@code manifest.jsonl}, one {@link Crop} a line; {@code crops.bin}, RGBA bytes of every crop in the same order;
 * {@code dataset.json}. Which pairs and where they are cropped depends on the base and the sizes alone. Crops that are whole
 * pictures come entity by entity and name their neighbours among themselves, which a stage may read.
 */
public final class CropSetBuilder {
    private static final int TRIES = 6;
    private static final double LEAST_CONTRAST = 12;

    private final KnowledgeBase base;

    /** A builder that reads {@code base}, which stays open. */
    public CropSetBuilder(KnowledgeBase base) {
        this.base = base;
    }

    /**
     * One line of the manifest.
     *
     * @param id of the pair
     * @param caption of the pair
     * @param heldOut whether it must never be trained on
     * @param x left edge in the full picture
     * @param y upper edge
     * @param neighbors ids of crops of this set that the pair's title retrieves, nearest first, never of its own family of
     *     styles; empty unless the crops are whole pictures
     */
    public record Crop(String id, String caption, boolean heldOut, int x, int y, List<String> neighbors) {
        /** Sets that name no neighbours have none. */
        public Crop {
            neighbors = List.copyOf(Objects.requireNonNullElse(neighbors, List.of()));
        }
    }

    /**
     * What to make.
     *
     * @param resolution side of the full pictures in pixels
     * @param side of the crops, at most {@code resolution}
     * @param pictures at most so many are cropped
     * @param perPicture crops of each, 1 if a crop is the whole picture
     */
    public record Plan(int resolution, int side, int pictures, int perPicture) {
        boolean whole() {
            return side == resolution;
        }

        /** @throws ReImagenException naming the field that does not fit */
        public Plan {
            if (side < 1 || side > resolution || pictures < 1 || perPicture < 1) {
                throw new ReImagenException(
                        "crops need a side of 1 to %d, pictures and crops of each, were %d, %d and %d"
                                .formatted(resolution, side, pictures, perPicture));
            }
        }
    }

    /** The pairs whose original is as large as {@code resolution}: vectors, and pictures that need not be enlarged. */
    public List<Pair> reaching(int resolution) {
        return base.pairs().stream()
                .filter(p -> p.vector() || Math.max(p.width(), p.height()) >= resolution)
                .toList();
    }

    /**
     * Writes the set from the pairs that {@linkplain #reaching reach} its resolution.
     *
     * @param progress told the number of crops done
     * @return number of crops made: fewer than asked if the base is smaller
     */
    public int build(Path folder, Plan plan, IntConsumer progress) {
        int side = plan.side();
        List<Pair> pairs = new ArrayList<>(reaching(plan.resolution()));
        Random random = new Random(plan.resolution() * 31L + side);
        Collections.shuffle(pairs, random);
        List<Pair> ordered = plan.whole() ? byEntity(pairs) : pairs;
        List<Pair> chosen = ordered.subList(0, Math.min(plan.pictures(), ordered.size()));
        Function<Pair, List<String>> neighbors = plan.whole() ? neighborsAmong(chosen) : pair -> List.of();
        try {
            Files.createDirectories(folder);
            try (OutputStream pixels =
                            new BufferedOutputStream(Files.newOutputStream(folder.resolve("crops.bin")), 1 << 16);
                    OutputStream manifest =
                            new BufferedOutputStream(Files.newOutputStream(folder.resolve("manifest.jsonl")))) {
                int done = 0;
                for (Pair pair : chosen) {
                    BufferedImage full = base.picture(pair, plan.resolution());
                    for (int i = 0; i < plan.perPicture(); i++) {
                        Crop place = place(pair, full, side, random);
                        Crop crop = new Crop(
                                place.id(),
                                place.caption(),
                                place.heldOut(),
                                place.x(),
                                place.y(),
                                neighbors.apply(pair));
                        manifest.write(
                                (DatasetBuilder.JSON.writeValueAsString(crop) + "\n").getBytes(StandardCharsets.UTF_8));
                        pixels.write(DatasetBuilder.rgba(full, crop.x(), crop.y(), side));
                        progress.accept(++done);
                    }
                }
            }
            Map<String, Object> info = new LinkedHashMap<>();
            info.put("knowledge_base_sha256", base.hash());
            info.put("resolution", plan.resolution());
            info.put("size", side);
            info.put("crops", chosen.size() * plan.perPicture());
            Files.writeString(
                    folder.resolve("dataset.json"),
                    DatasetBuilder.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(info) + "\n");
            return chosen.size() * plan.perPicture();
        } catch (IOException e) {
            throw new ReImagenException(folder + ": the training set cannot be written: " + e.getMessage(), e);
        }
    }

    /** All pictures of an entity side by side, so that a part of the list still holds neighbours. */
    private static List<Pair> byEntity(List<Pair> pairs) {
        Map<String, List<Pair>> entities = new LinkedHashMap<>();
        pairs.forEach(p ->
                entities.computeIfAbsent(p.entity(), e -> new ArrayList<>()).add(p));
        return entities.values().stream().flatMap(List::stream).toList();
    }

    private Function<Pair, List<String>> neighborsAmong(List<Pair> chosen) {
        Set<String> ids = chosen.stream().map(Pair::id).collect(Collectors.toSet());
        DatasetBuilder builder = new DatasetBuilder(base);
        return pair -> builder.neighbors(pair).stream().filter(ids::contains).toList();
    }

    /** A place where there is something to see, if a few tries find one. */
    private static Crop place(Pair pair, BufferedImage full, int side, Random random) {
        int room = full.getWidth() - side;
        Crop crop = at(pair, 0, 0);
        for (int i = 0; i < TRIES; i++) {
            crop = at(pair, random.nextInt(room + 1), random.nextInt(room + 1));
            if (room == 0 || contrast(full, crop, side) >= LEAST_CONTRAST) {
                return crop;
            }
        }
        return crop;
    }

    private static Crop at(Pair pair, int x, int y) {
        return new Crop(pair.id(), pair.caption(), Split.isHeldOut(pair.entity()), x, y, List.of());
    }

    /** Standard deviation of the green channel and the opacity together, on a coarse grid, 0 to 255. */
    private static double contrast(BufferedImage full, Crop crop, int side) {
        int step = Math.max(1, side / 32);
        double sum = 0;
        double squares = 0;
        int n = 0;
        for (int y = crop.y(); y < crop.y() + side; y += step) {
            for (int x = crop.x(); x < crop.x() + side; x += step) {
                int argb = full.getRGB(x, y);
                double value = ((argb >>> 24) + ((argb >> 8) & 255)) / 2.0;
                sum += value;
                squares += value * value;
                n++;
            }
        }
        return Math.sqrt(Math.max(0, squares / n - sum / n * (sum / n)));
    }
}
