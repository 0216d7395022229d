package org.reimagen.train.data;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.reimagen.core.ReImagenException;

/**
 * A {@link KnnDataset}'s pictures for a dual encoder: every entity of a batch is another, so that no negative is a positive.
 *
 * <p>Pictures are flipped, moved, zoomed and laid on random backgrounds that captions do not name. A batch is a function of (seed,
 * step). <b>Thread-safety</b>: safe.
 */
public final class ViewDataset {
    private final List<Example> examples;
    private final List<List<Integer>> training = new ArrayList<>();
    private final List<Integer> heldOut = new ArrayList<>();
    private final ByteBuffer pictures;
    private final int size;
    private final String knowledgeHash;

    /**
     * Opens the set in {@code folder}, as {@link DatasetBuilder} made it.
     *
     * @throws ReImagenException naming the file that is missing or does not fit
     */
    public ViewDataset(Path folder) {
        KnnDataset set = KnnDataset.open(folder);
        this.examples = set.examples();
        this.pictures = set.pictures();
        this.size = set.size();
        this.knowledgeHash = set.knowledgeHash();
        Map<String, List<Integer>> byEntity = new TreeMap<>();
        for (int i = 0; i < examples.size(); i++) {
            if (examples.get(i).heldOut()) {
                heldOut.add(i);
            } else {
                byEntity.computeIfAbsent(examples.get(i).entity(), e -> new ArrayList<>())
                        .add(i);
            }
        }
        training.addAll(byEntity.values());
    }

    /** Side of the stored pictures in pixels. */
    public int size() {
        return size;
    }

    /** Hash of the knowledge base it was made from. */
    public String knowledgeHash() {
        return knowledgeHash;
    }

    /** Number of entities that are trained on. */
    public int trainEntities() {
        return training.size();
    }

    /**
     * The batch of a training step; no held-out entity is ever in it.
     *
     * @param entities at most {@link #trainEntities}
     * @param side of the pictures: the set's own size or half of it
     */
    public ViewBatch batch(long seed, long step, int entities, int side) {
        if (entities > training.size()) {
            throw new ReImagenException("train_batch_size asks for %d entities a step, the set has %d to train on"
                    .formatted(entities, training.size()));
        }
        RandomGenerator random =
                RandomGeneratorFactory.of("L64X128MixRandom").create(seed * 0x9E3779B97F4A7C15L + step);
        List<Integer> first = new ArrayList<>();
        List<Integer> second = new ArrayList<>();
        for (List<Integer> members : choose(random, entities)) {
            int one = random.nextInt(members.size());
            first.add(members.get(one));
            int other = members.size() == 1 ? 0 : (one + 1 + random.nextInt(members.size() - 1)) % members.size();
            second.add(members.get(other));
        }
        first.addAll(second);
        Painter painter = new Painter(first.size(), side);
        List<String> captions = new ArrayList<>();
        for (int row : first) {
            captions.add(caption(examples.get(row), random));
            painter.paint(row, View.random(random, side));
        }
        return painter.batch(first, captions);
    }

    private List<List<Integer>> choose(RandomGenerator random, int count) {
        List<List<Integer>> deck = new ArrayList<>(training);
        for (int i = 0; i < count; i++) {
            int j = i + random.nextInt(deck.size() - i);
            List<Integer> swap = deck.get(i);
            deck.set(i, deck.get(j));
            deck.set(j, swap);
        }
        return deck.subList(0, count);
    }

    /** One of few texts, so that the frozen encoder's states of all of them can be kept. */
    private static String caption(Example example, RandomGenerator random) {
        int kind = random.nextInt(10);
        List<String> tags = example.tags();
        if (kind < 6 || (kind >= 8 && tags.isEmpty())) {
            return example.entity();
        }
        if (kind < 8) {
            return example.plainCaption();
        }
        return kind == 8 ? tags.getLast() : String.join(" ", tags.subList(0, Math.min(3, tags.size())));
    }

    /** All held-out examples at {@code side} pixels, on white and unchanged; captions are the entities' names. */
    public ViewBatch heldOut(int side) {
        Painter painter = new Painter(heldOut.size(), side);
        heldOut.forEach(row -> painter.paint(row, View.PLAIN));
        return painter.batch(
                heldOut, heldOut.stream().map(row -> examples.get(row).entity()).toList());
    }

    /** Lays the pictures of one batch out. */
    private final class Painter {
        private final int side;
        private final float[] pixels;
        private int done;

        Painter(int count, int side) {
            if (side != size && 2 * side != size) {
                throw new ReImagenException("resolution must be " + size + " or " + size / 2 + ", was " + side);
            }
            this.side = side;
            this.pixels = new float[count * 3 * side * side];
        }

        void paint(int row, View view) {
            byte[] rgba = new byte[4 * size * size];
            pictures.get(row * rgba.length, rgba);
            view.paint(rgba, size, side, pixels, done * 3 * side * side);
            done++;
        }

        ViewBatch batch(List<Integer> rows, List<String> captions) {
            return new ViewBatch(
                    rows.stream().map(row -> examples.get(row).id()).toList(), captions, pixels, side);
        }
    }
}
