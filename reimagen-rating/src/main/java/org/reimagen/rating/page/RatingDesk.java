package org.reimagen.rating.page;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.reimagen.core.ReImagenException;
import org.reimagen.eval.listing.ListedPicture;
import org.reimagen.eval.listing.ListedReference;
import org.reimagen.eval.listing.Listing;
import org.reimagen.knowledge.draw.PictureException;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.pipeline.PngWriter;
import org.reimagen.rating.Answer;
import org.reimagen.rating.BlindOrder;
import org.reimagen.rating.Question;
import org.reimagen.rating.RatingStore;
import org.reimagen.rating.Verdict;

/**
 * The drawings of an evaluation as raters see them: by place in their own order, without name, setting, category, frequency or
 * metadata. <b>Thread-safety</b>: safe.
 */
public final class RatingDesk {
    private static final int SHOWN = 4;

    private final Path folder;
    private final List<ListedPicture> pictures;
    private final Map<String, String> hashes = new HashMap<>();
    private final Map<String, List<ListedReference>> references = new HashMap<>();
    private final Map<String, List<ListedPicture>> orders = new ConcurrentHashMap<>();
    private final RatingStore store;
    private final long seed;

    /**
     * A desk.
     *
     * @param folder of an evaluation with its {@link Listing}
     * @param store stays the caller's
     * @param seed of the orders
     * @throws ReImagenException naming a file that cannot be read, or that has changed since it was rated
     */
    public RatingDesk(Path folder, RatingStore store, long seed) {
        this.folder = folder;
        this.store = store;
        this.seed = seed;
        this.pictures = Listing.read(folder);
        if (pictures.isEmpty()) {
            throw new ReImagenException(folder.resolve(Listing.NAME) + ": lists no picture");
        }
        for (ListedPicture picture : pictures) {
            String hash = sha256(read(picture.file()));
            store.check(picture.file(), hash);
            hashes.put(picture.file(), hash);
        }
        pictures.forEach(p -> references.computeIfAbsent(p.entity(), this::pool));
    }

    /**
     * References of an entity, pooled over all settings, so that their number does not tell a rater how a picture was drawn: those
     * that picture the entity; where none does, the others.
     */
    private List<ListedReference> pool(String entity) {
        Map<String, ListedReference> byFile = new LinkedHashMap<>();
        pictures.stream()
                .filter(p -> p.entity().equals(entity))
                .flatMap(p -> p.references().stream())
                .forEach(r -> byFile.putIfAbsent(r.file(), r));
        List<ListedReference> right =
                byFile.values().stream().filter(r -> r.entity().equals(entity)).toList();
        return (right.isEmpty() ? List.copyOf(byFile.values()) : right)
                .stream()
                        .sorted(Comparator.comparing(ListedReference::file))
                        .limit(SHOWN)
                        .toList();
    }

    private byte[] read(String file) {
        try {
            return Files.readAllBytes(folder.resolve(file));
        } catch (IOException e) {
            throw new ReImagenException(folder.resolve(file) + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Number of drawings. */
    public int size() {
        return pictures.size();
    }

    /** The drawing at a place of a rater's order, empty outside 0 to {@link #size}. */
    Optional<ListedPicture> at(String rater, int place) {
        List<ListedPicture> order = orders.computeIfAbsent(rater, name -> BlindOrder.of(pictures, seed, name));
        return place >= 0 && place < order.size() ? Optional.of(order.get(place)) : Optional.empty();
    }

    /** What to hold a drawing against. */
    List<ListedReference> references(ListedPicture picture) {
        return references.getOrDefault(picture.entity(), List.of());
    }

    /** The PNG of a listed file without its metadata, which would tell how it was drawn. */
    byte[] png(String file) {
        try {
            return PngWriter.encode(Pictures.decode(file, read(file)), Map.of());
        } catch (PictureException e) {
            throw new ReImagenException(String.valueOf(e.getMessage()), e);
        }
    }

    /** What a rater has answered, by place. */
    Map<Integer, Map<Question, Verdict>> answers(String rater) {
        Map<String, Map<Question, Verdict>> byFile = new HashMap<>();
        store.answers(rater)
                .forEach(a -> byFile.computeIfAbsent(a.picture(), _ -> new LinkedHashMap<>())
                        .put(a.question(), a.verdict()));
        Map<Integer, Map<Question, Verdict>> byPlace = new LinkedHashMap<>();
        for (int i = 0; i < pictures.size(); i++) {
            Map<Question, Verdict> given = byFile.get(at(rater, i).orElseThrow().file());
            if (given != null) {
                byPlace.put(i, given);
            }
        }
        return byPlace;
    }

    /** Keeps an answer; it is on the disk when this returns. */
    void answer(String rater, ListedPicture picture, Question question, Optional<Verdict> verdict) {
        if (verdict.isEmpty()) {
            store.remove(rater, picture.file(), question);
            return;
        }
        String hash = Objects.requireNonNull(hashes.get(picture.file()), picture.file());
        store.put(new Answer(rater, picture.file(), question, verdict.get()), hash);
    }
}
