package org.reimagen.eval;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.StyleFamilies;
import org.reimagen.knowledge.draw.PerceptualHash;
import org.reimagen.pipeline.Background;
import org.reimagen.train.data.Split;

/**
 * Chooses the targets of an evaluation by a fixed hash, so that every model is asked for the same ones.
 *
 * <p>At least two other families draw a target's entity. If it is held out of training, its very picture is in training under no
 * other name either.
 */
public final class Targets {
    private static final String SALT = "faithfulness 1: ";
    private static final int FEWEST_REFERENCES = 2;

    /** Subgroups in the order in which they are tried, and the words that name them. */
    private static final SequencedMap<String, List<String>> KINDS = kinds();

    private final List<Pair> pairs;
    private final StyleFamilies families;
    private final Map<String, List<Pair>> byEntity;
    private final Set<String> trained;

    /** Targets among {@code pairs}, all pairs of a knowledge base. */
    public Targets(List<Pair> pairs) {
        this.pairs = List.copyOf(pairs);
        this.families = StyleFamilies.of(pairs);
        this.byEntity = pairs.stream().collect(Collectors.groupingBy(Pair::entity));
        this.trained = pairs.stream()
                .filter(p -> !Split.isHeldOut(p.entity()))
                .flatMap(p -> Stream.of(p.sha256(), likeness(p)))
                .collect(Collectors.toSet());
    }

    private static SequencedMap<String, List<String>> kinds() {
        SequencedMap<String, List<String>> kinds = new LinkedHashMap<>();
        kinds.put("person", List.of("person", "woman", "man"));
        for (String kind : List.of("hand", "animal", "plant", "building", "vehicle", "clothing", "clock", "music")) {
            kinds.put(kind, List.of(kind));
        }
        kinds.put("food", List.of("food", "drink"));
        kinds.put("symbol", List.of("arrow", "button", "symbol", "sign"));
        kinds.putFirst("face", List.of("face"));
        kinds.putFirst("flag", List.of("flag"));
        return kinds;
    }

    private static String likeness(Pair pair) {
        return pair.style() + " " + Long.toHexString(pair.perceptualHash());
    }

    /** The first {@code count} held-out targets by hash, or all there are. */
    public List<Target> choose(int count) {
        return choose(Frequency.HELD_OUT, count);
    }

    /** The first {@code count} targets that training sees as often as {@code frequency} says, by hash, or all there are. */
    public List<Target> choose(Frequency frequency, int count) {
        return pairs.stream()
                .filter(p -> frequency(p) == frequency)
                .filter(p -> frequency != Frequency.HELD_OUT || !isTrainedUnderAnotherName(p))
                .sorted(Comparator.comparing(Targets::hash))
                .map(this::target)
                .filter(t -> t.references().size() >= FEWEST_REFERENCES)
                .limit(count)
                .toList();
    }

    private Frequency frequency(Pair pair) {
        return Frequency.of(
                pair.entity(),
                Objects.requireNonNull(byEntity.get(pair.entity())).size());
    }

    private boolean isTrainedUnderAnotherName(Pair pair) {
        return trained.contains(pair.sha256()) || trained.contains(likeness(pair));
    }

    private Target target(Pair truth) {
        return new Target(truth, references(truth), background(truth), kind(truth));
    }

    private List<Pair> references(Pair truth) {
        String family = families.familyOf(truth.style());
        List<Pair> others = Objects.requireNonNull(byEntity.get(truth.entity())).stream()
                .filter(p -> !families.familyOf(p.style()).equals(family))
                .filter(p -> PerceptualHash.distance(p.perceptualHash(), truth.perceptualHash()) > PerceptualHash.NEAR)
                .sorted(Comparator.comparing(Targets::hash))
                .toList();
        List<Pair> first = new ArrayList<>();
        List<Pair> further = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        others.forEach(p -> (seen.add(families.familyOf(p.style())) ? first : further).add(p));
        if (first.size() < FEWEST_REFERENCES) {
            return List.of();
        }
        first.addAll(further);
        return first;
    }

    /** White for about two thirds, as in training; else one of the named colours. */
    private static Background background(Pair truth) {
        int draw = Integer.parseUnsignedInt(hash(truth).substring(0, 6), 16);
        Background[] all = Background.values();
        return draw % 100 < 65 ? Background.WHITE : all[draw / 100 % (all.length - 1)];
    }

    /** The first of the subgroups that the entity or its tags name. */
    private String kind(Pair truth) {
        Set<String> words = Objects.requireNonNull(byEntity.get(truth.entity())).stream()
                .flatMap(p -> Stream.concat(Stream.of(p.entity()), p.tags().stream()))
                .flatMap(t -> Arrays.stream(t.toLowerCase(Locale.ROOT).split("[^a-z]+")))
                .collect(Collectors.toSet());
        return KINDS.entrySet().stream()
                .filter(kind -> kind.getValue().stream().anyMatch(words::contains))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("object");
    }

    private static String hash(Pair pair) {
        try {
            byte[] text =
                    (SALT + pair.entity() + "/" + pair.style() + "/" + pair.id()).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
