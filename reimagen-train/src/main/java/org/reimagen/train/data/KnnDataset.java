package org.reimagen.train.data;

import static org.reimagen.train.data.GroupBatch.GROUP;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import org.reimagen.core.ReImagenException;
import org.reimagen.knowledge.StyleFamilies;
import org.reimagen.pipeline.Background;

/**
 * A KNN training set on disk, dealt out in groups.
 *
 * <p>A group is led by an entity that two families of styles draw or whose style nobody names; where there is no such entity,
 * by any picture, its neighbours being what its own caption retrieves. Where nobody names styles, places that an entity's own
 * pictures leave empty are mostly taken by other views of them: what a caption retrieves there is seldom the same thing, and would
 * teach not to look.
 * <p>A batch is a function of (seed, step): nothing is remembered between batches. <b>Thread-safety</b>: safe.
 */
public final class KnnDataset {
    private static final int[][] PERMUTATIONS = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    /** Share of the groups without styles that are filled up with views of their own pictures. */
    private static final double VIEWS = 0.75;

    private final List<Example> examples;
    private final Map<String, Integer> rows = new LinkedHashMap<>();
    private final List<List<Integer>> trainEntities = new ArrayList<>();
    private final List<List<Integer>> heldOutEntities = new ArrayList<>();
    private final boolean single;
    private final StyleFamilies families;
    private final ByteBuffer pictures;
    private final int size;
    private final String knowledgeHash;
    private final long onlyStep;

    private KnnDataset(List<Example> examples, ByteBuffer pictures, int size, String knowledgeHash, long onlyStep) {
        this.onlyStep = onlyStep;
        this.examples = List.copyOf(examples);
        this.families = new StyleFamilies(examples.stream().map(Example::style).collect(Collectors.toSet()));
        this.pictures = pictures;
        this.size = size;
        this.knowledgeHash = knowledgeHash;
        Map<String, List<Integer>> byEntity = new TreeMap<>();
        for (int i = 0; i < examples.size(); i++) {
            rows.put(examples.get(i).id(), i);
            byEntity.computeIfAbsent(examples.get(i).entity(), e -> new ArrayList<>())
                    .add(i);
        }
        this.single = byEntity.values().stream().noneMatch(m -> !isHeldOut(m) && hasTwoFamilies(m));
        byEntity.values().stream()
                .filter(m -> single || hasTwoFamilies(m) || hasUnknownStyle(m))
                .forEach(m -> (isHeldOut(m) ? heldOutEntities : trainEntities).add(m));
    }

    private boolean isHeldOut(List<Integer> members) {
        return examples.get(members.getFirst()).heldOut();
    }

    private boolean hasUnknownStyle(List<Integer> members) {
        return members.stream().anyMatch(i -> examples.get(i).style().isEmpty());
    }

    /** A picture of unknown style is a family of its own: nothing says that it is drawn as another is. */
    private String familyOf(int row) {
        Example example = examples.get(row);
        return example.style().isEmpty() ? example.id() : families.familyOf(example.style());
    }

    private boolean hasTwoFamilies(List<Integer> members) {
        return members.stream().map(i -> familyOf(i)).distinct().count() >= 2;
    }

    /**
     * Opens the set in {@code folder}.
     *
     * @throws ReImagenException naming the file that is missing or does not fit
     */
    public static KnnDataset open(Path folder) {
        Path info = folder.resolve("dataset.json");
        if (!Files.isRegularFile(info)) {
            throw new ReImagenException(folder + ": is no training set; make one with dataset build");
        }
        try {
            JsonNode json = DatasetBuilder.JSON.readTree(Files.readAllBytes(info));
            List<Example> examples = new ArrayList<>();
            for (String line : Files.readAllLines(folder.resolve("manifest.jsonl"), StandardCharsets.UTF_8)) {
                examples.add(DatasetBuilder.JSON.readValue(line, Example.class));
            }
            int size = json.path("size").asInt();
            ByteBuffer pictures = map(folder.resolve("pictures.bin"), (long) examples.size() * size * size * 4);
            KnnDataset set = new KnnDataset(
                    examples, pictures, size, json.path("knowledge_base_sha256").asText(), -1);
            if (count(set.trainEntities) < GROUP) {
                throw new ReImagenException("%s: has %d pictures to train on, at least %d are needed"
                        .formatted(folder, count(set.trainEntities), GROUP));
            }
            return set;
        } catch (IOException e) {
            throw new ReImagenException(folder + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static int count(List<List<Integer>> entities) {
        return entities.stream().mapToInt(List::size).sum();
    }

    static ByteBuffer map(Path file, long expected) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            if (channel.size() != expected || expected > Integer.MAX_VALUE) {
                throw new ReImagenException(file + ": has " + channel.size() + " bytes, expected " + expected);
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, expected);
        }
    }

    /** Hash of the knowledge base it was made from. */
    public String knowledgeHash() {
        return knowledgeHash;
    }

    /** All examples, in the order of the pictures. */
    public List<Example> examples() {
        return examples;
    }

    /** Side of the stored pictures in pixels. */
    public int size() {
        return size;
    }

    /** RGBA bytes of all pictures, row by row, in the order of the examples: a view of its own, read-only. */
    ByteBuffer pictures() {
        return pictures.duplicate();
    }

    /** The same set, dealing the groups of one step at every step, as a self-test does. */
    public KnnDataset repeating(long step) {
        return new KnnDataset(examples, pictures, size, knowledgeHash, step);
    }

    /** Number of entities that groups of training are drawn from. */
    public int trainEntities() {
        return trainEntities.size();
    }

    /**
     * The batch of a training step; no held-out entity is ever in it.
     *
     * @param groups number of groups of four
     * @param side of the pictures: the set's own size or half of it
     */
    public GroupBatch batch(long seed, long step, int groups, int side) {
        RandomGenerator random = random(seed, onlyStep >= 0 ? onlyStep : step);
        Dealer dealer = new Dealer(random, groups, side, true);
        for (int g = 0; g < groups; g++) {
            dealer.deal(group(random, trainEntities, true));
        }
        return dealer.batch(1 + random.nextInt(GROUP - 1));
    }

    /** Groups of held-out entities, plain: white background, nothing dropped, K = 3; for sample sheets. */
    public GroupBatch heldOut(long seed, int groups) {
        RandomGenerator random = random(seed, -1);
        Dealer dealer = new Dealer(random, groups, size, false);
        for (int g = 0; g < groups; g++) {
            dealer.deal(group(random, heldOutEntities.isEmpty() ? trainEntities : heldOutEntities, false));
        }
        return dealer.batch(GROUP - 1);
    }

    private static RandomGenerator random(long seed, long step) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed * 0x9E3779B97F4A7C15L + step);
    }

    /** Pictures of one entity, one a family; filled up with what the first one's caption retrieves, or by repeating them. */
    private List<Integer> group(RandomGenerator random, List<List<Integer>> entities, boolean training) {
        List<Integer> members = entities.get(random.nextInt(entities.size()));
        Map<String, List<Integer>> byFamily = new TreeMap<>();
        members.forEach(i ->
                byFamily.computeIfAbsent(familyOf(i), f -> new ArrayList<>()).add(i));
        List<Integer> group = new ArrayList<>();
        for (String family : shuffled(new ArrayList<>(byFamily.keySet()), random)) {
            List<Integer> choices = Objects.requireNonNull(byFamily.get(family));
            if (group.size() < GROUP) {
                group.add(choices.get(random.nextInt(choices.size())));
            }
        }
        if (training && (single || hasUnknownStyle(members)) && random.nextDouble() < VIEWS) {
            int own = group.size();
            while (group.size() < GROUP) {
                group.add(group.get(random.nextInt(own)));
            }
        }
        fill(group, random, entities);
        return group;
    }

    /** Fills a group with what its first picture retrieves, then with others; few held-out ones are joined by training ones. */
    private void fill(List<Integer> group, RandomGenerator random, List<List<Integer>> entities) {
        boolean heldOut = examples.get(group.getFirst()).heldOut();
        boolean few = count(entities) < GROUP;
        for (String id : examples.get(group.getFirst()).neighbors()) {
            Integer row = rows.get(id);
            if (group.size() < GROUP
                    && row != null
                    && !group.contains(row)
                    && (few || examples.get(row).heldOut() == heldOut)) {
                group.add(row);
            }
        }
        List<List<Integer>> others = few ? trainEntities : entities;
        while (group.size() < GROUP) {
            List<Integer> other = others.get(random.nextInt(others.size()));
            int row = other.get(random.nextInt(other.size()));
            if (!group.contains(row)) {
                group.add(row);
            }
        }
    }

    private static <T> List<T> shuffled(List<T> list, RandomGenerator random) {
        Collections.shuffle(list, random);
        return list;
    }

    /** Lays pictures and captions of one batch out. */
    private final class Dealer {
        private final RandomGenerator random;
        private final int side;
        private final boolean training;
        private final float[] pixels;
        private final List<String> ids = new ArrayList<>();
        private final List<String> captions = new ArrayList<>();

        Dealer(RandomGenerator random, int groups, int side, boolean training) {
            if (side != size && 2 * side != size) {
                throw new ReImagenException("resolution must be " + size + " or " + size / 2 + ", was " + side);
            }
            this.random = random;
            this.side = side;
            this.training = training;
            this.pixels = new float[groups * GROUP * 3 * side * side];
        }

        /** Lays a group out; a row that comes again is another view of its picture. */
        void deal(List<Integer> group) {
            boolean flip = training && random.nextBoolean();
            int[] permutation = PERMUTATIONS[training && random.nextBoolean() ? random.nextInt(6) : 0];
            Set<Integer> seen = new HashSet<>();
            for (int row : group) {
                boolean white = !training || random.nextInt(100) < 65;
                Background background =
                        white ? Background.WHITE : Background.COLOURS.get(random.nextInt(Background.COLOURS.size()));
                Example example = examples.get(row);
                captions.add(training ? example.caption(random, background) : example.plainCaption());
                int at = ids.size() * 3 * side * side;
                if (seen.add(row)) {
                    paint(row, background, flip, permutation, at);
                } else {
                    byte[] rgba = new byte[4 * size * size];
                    pictures.get(row * rgba.length, rgba);
                    View.within(random, side, background).paint(rgba, size, side, permutation, pixels, at);
                }
                ids.add(example.id());
            }
        }

        private void paint(int row, Background background, boolean flip, int[] permutation, int at) {
            int step = size / side;
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    int column = flip ? side - 1 - x : x;
                    for (int c = 0; c < 3; c++) {
                        pixels[at + (c * side + y) * side + column] =
                                mean(row, x * step, y * step, permutation[c], background.channel(c), step);
                    }
                }
            }
        }

        /** Mean of step × step source pixels laid on the background, in [-1,1]. */
        private float mean(int row, int x0, int y0, int channel, int background, int step) {
            float sum = 0;
            for (int y = y0; y < y0 + step; y++) {
                for (int x = x0; x < x0 + step; x++) {
                    int p = ((row * size + y) * size + x) * 4;
                    float alpha = (pictures.get(p + 3) & 255) / 255f;
                    sum += (pictures.get(p + channel) & 255) * alpha + background * (1 - alpha);
                }
            }
            return sum / (step * step) / 127.5f - 1;
        }

        GroupBatch batch(int k) {
            int b = ids.size();
            long[] index = new long[b * k];
            List<Boolean> text = new ArrayList<>();
            List<Boolean> neighbors = new ArrayList<>();
            for (int i = 0; i < b; i++) {
                List<Integer> others = new ArrayList<>();
                for (int j = i / GROUP * GROUP; j < (i / GROUP + 1) * GROUP; j++) {
                    if (j != i) {
                        others.add(j);
                    }
                }
                shuffled(others, random);
                for (int j = 0; j < k; j++) {
                    index[i * k + j] = others.get(j);
                }
                text.add(training && random.nextInt(10) == 0);
                neighbors.add(training && random.nextInt(10) == 0);
            }
            return new GroupBatch(ids, captions, pixels, side, index, new GroupBatch.Drops(text, neighbors));
        }
    }
}
