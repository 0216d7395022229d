package org.reimagen.eval.clip;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.reimagen.core.ReImagenException;
import org.reimagen.eval.Interval;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.encoder.Embedder;
import org.reimagen.train.data.Split;

/**
 * Recall of held-out entities in a dual encoder's space, both ways; the same entity counts as a hit.
 *
 * <p>By text: each held-out entity's name among all held-out pictures; a hit if any of the first k pictures is of that entity. By
 * picture: each held-out picture among the names of all held-out entities; a hit if its own is among the first k. Both are means over
 * entities, by picture of each entity's own mean, with bootstrap intervals over entities. <b>Source</b>: CLIP, arXiv 2103.00020,
 * section 3.1.2 (retrieval), with entities for captions.
 */
public final class DualRecall {
    /** Places that are looked at. */
    public static final List<Integer> PLACES = List.of(1, 5, 10);

    private final List<String> entities;
    private final List<String> owners = new ArrayList<>();
    private final List<float[]> names;
    private final List<float[]> pictures = new ArrayList<>();

    /** From vectors: one of each entity's name, and each picture's with the entity that it shows. */
    DualRecall(Map<String, float[]> names, List<Map.Entry<String, float[]>> pictures) {
        this.entities = List.copyOf(names.keySet());
        this.names = List.copyOf(names.values());
        pictures.forEach(p -> {
            owners.add(p.getKey());
            this.pictures.add(p.getValue());
        });
    }

    /**
     * Embeds the held-out pairs of a base, by entity name and by picture.
     *
     * @param embedder of texts and pictures; stays the caller's
     * @throws ReImagenException if the base has fewer than two held-out entities
     */
    public static DualRecall of(KnowledgeBase base, Embedder embedder) {
        List<Pair> heldOut =
                base.pairs().stream().filter(p -> Split.isHeldOut(p.entity())).toList();
        Map<String, float[]> names = new TreeMap<>();
        heldOut.forEach(p -> names.computeIfAbsent(p.entity(), embedder::embed));
        if (names.size() < 2) {
            throw new ReImagenException(
                    "%s: has %d held-out entities, at least two are needed".formatted(base.folder(), names.size()));
        }
        return new DualRecall(
                names,
                heldOut.stream()
                        .map(p -> Map.entry(p.entity(), embedder.embed(base.picture(p, embedder.side()))))
                        .toList());
    }

    /** Number of entities. */
    public int entities() {
        return entities.size();
    }

    /** Number of pictures. */
    public int pictures() {
        return pictures.size();
    }

    /** By k: recall of pictures by an entity's name. */
    public Map<Integer, Interval> byText() {
        return table(IntStream.range(0, entities.size())
                .mapToObj(i -> place(names.get(i), pictures, owners, entities.get(i)))
                .map(List::of)
                .toList());
    }

    /** By k: recall of the name by a picture. */
    public Map<Integer, Interval> byPicture() {
        Map<String, List<Integer>> places = new TreeMap<>();
        for (int i = 0; i < pictures.size(); i++) {
            places.computeIfAbsent(owners.get(i), e -> new ArrayList<>())
                    .add(place(pictures.get(i), names, entities, owners.get(i)));
        }
        return table(List.copyOf(places.values()));
    }

    /** Place, from 0, of the first candidate that is of {@code owner}. */
    private static int place(float[] query, List<float[]> candidates, List<String> owners, String owner) {
        double[] cosines =
                candidates.stream().mapToDouble(c -> Cosine.of(query, c)).toArray();
        double best = IntStream.range(0, cosines.length)
                .filter(i -> owners.get(i).equals(owner))
                .mapToDouble(i -> cosines[i])
                .max()
                .orElseThrow();
        return (int) java.util.Arrays.stream(cosines).filter(c -> c > best).count();
    }

    private static Map<Integer, Interval> table(List<List<Integer>> placesByEntity) {
        Map<Integer, Interval> table = new LinkedHashMap<>();
        for (int k : PLACES) {
            table.put(
                    k,
                    Interval.ofMean(placesByEntity.stream()
                            .map(places -> places.stream().filter(p -> p < k).count() / (double) places.size())
                            .toList()));
        }
        return table;
    }

    /** By k: what {@link #byText} would be of vectors drawn at random. */
    public Map<Integer, Double> chanceByText() {
        Map<String, Long> counts = owners.stream().collect(Collectors.groupingBy(o -> o, Collectors.counting()));
        Map<Integer, Double> chances = new LinkedHashMap<>();
        for (int k : PLACES) {
            chances.put(
                    k,
                    entities.stream()
                            .mapToDouble(e -> 1 - allMissed(Objects.requireNonNull(counts.get(e)), k))
                            .average()
                            .orElseThrow());
        }
        return chances;
    }

    private double allMissed(long own, int k) {
        double missed = 1;
        for (int i = 0; i < Math.min(k, pictures.size()); i++) {
            missed *= Math.max(0, pictures.size() - own - i) / (double) (pictures.size() - i);
        }
        return missed;
    }

    /** By k: what {@link #byPicture} would be of vectors drawn at random. */
    public Map<Integer, Double> chanceByPicture() {
        Map<Integer, Double> chances = new LinkedHashMap<>();
        PLACES.stream()
                .sorted(Comparator.naturalOrder())
                .forEach(k -> chances.put(k, Math.min(1, k / (double) entities.size())));
        return chances;
    }
}
