package org.reimagen.eval;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.StyleFamilies;
import org.reimagen.knowledge.draw.PerceptualHash;
import org.reimagen.train.data.Background;
import org.reimagen.train.data.Split;

/**
 * Chooses the targets of an evaluation by a fixed hash, so that every model is asked for the same ones.
 *
 * <p>A target's entity is held out of training, its very picture is in training under no other name, and at least two other
 * families draw it.
 */
public final class Targets {
    private static final String SALT = "faithfulness 1: ";
    private static final int FEWEST_REFERENCES = 2;

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
                .flatMap(p -> java.util.stream.Stream.of(p.sha256(), likeness(p)))
                .collect(Collectors.toSet());
    }

    private static String likeness(Pair pair) {
        return pair.style() + " " + Long.toHexString(pair.perceptualHash());
    }

    /** The first {@code count} targets by hash, or all there are. */
    public List<Target> choose(int count) {
        return pairs.stream()
                .filter(p ->
                        Split.isHeldOut(p.entity()) && !trained.contains(p.sha256()) && !trained.contains(likeness(p)))
                .sorted(Comparator.comparing(Targets::hash))
                .map(this::target)
                .filter(t -> t.references().size() >= FEWEST_REFERENCES)
                .limit(count)
                .toList();
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

    /** The first of a few words that the entity or its tags name. */
    private String kind(Pair truth) {
        Set<String> words = Objects.requireNonNull(byEntity.get(truth.entity())).stream()
                .flatMap(p -> java.util.stream.Stream.concat(java.util.stream.Stream.of(p.entity()), p.tags().stream()))
                .flatMap(t -> java.util.Arrays.stream(
                        t.toLowerCase(java.util.Locale.ROOT).split("[^a-z]+")))
                .collect(Collectors.toSet());
        return List.of(
                        "flag",
                        "face",
                        "person",
                        "woman",
                        "man",
                        "hand",
                        "animal",
                        "food",
                        "drink",
                        "plant",
                        "building",
                        "vehicle",
                        "clothing",
                        "clock",
                        "music",
                        "arrow",
                        "button",
                        "symbol",
                        "sign")
                .stream()
                .filter(words::contains)
                .map(k -> k.equals("woman") || k.equals("man")
                        ? "person"
                        : k.equals("sign") || k.equals("button") || k.equals("arrow")
                                ? "symbol"
                                : k.equals("drink") ? "food" : k)
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
