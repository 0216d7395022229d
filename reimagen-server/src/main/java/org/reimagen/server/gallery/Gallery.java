package org.reimagen.server.gallery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.reimagen.core.checkpoint.AtomicFile;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.pipeline.GenerationResult;
import org.reimagen.pipeline.PngWriter;
import org.reimagen.server.http.ApiException;
import org.reimagen.server.http.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pictures kept in a folder: {@code ID.png} with its metadata, {@code ID.thumbnail.png}, and {@code ID.json}, which is written
 * last and without which the others do not count.
 *
 * <p><b>Thread-safety</b>: safe.
 */
public final class Gallery {
    private static final Logger LOG = LoggerFactory.getLogger(Gallery.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int THUMBNAIL = 192;

    private final Path folder;
    private final int capacity;
    private final List<Entry> newestFirst = new ArrayList<>();

    /**
     * The gallery in a folder, made if there is none.
     *
     * @param capacity pictures that it holds at most; a full one keeps no more
     */
    public Gallery(Path folder, int capacity) {
        this.folder = folder;
        this.capacity = capacity;
        try {
            Files.createDirectories(folder);
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(f -> String.valueOf(f.getFileName()).matches("[0-9a-f]{32}\\.json"))
                        .forEach(this::load);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        newestFirst.sort(Comparator.comparingLong(Entry::created).reversed().thenComparing(Entry::id));
    }

    private void load(Path file) {
        try {
            newestFirst.add(Json.read(Files.readAllBytes(file), Entry.class));
        } catch (IOException | ApiException e) {
            LOG.warn("{}: is no entry of a gallery and is left out: {}", file, e.getMessage());
        }
    }

    /** Keeps one picture of a result; its id, or nothing if the gallery is full. */
    public Optional<String> keep(JsonNode settings, GenerationResult result, int index, byte[] png) {
        synchronized (newestFirst) {
            if (newestFirst.size() >= capacity) {
                return Optional.empty();
            }
        }
        byte[] random = new byte[16];
        RANDOM.nextBytes(random);
        String id = HexFormat.of().formatHex(random);
        BufferedImage image = result.images().get(index);
        ObjectNode own = settings.deepCopy();
        own.put("seed", result.seeds().get(index));
        own.put("num_images_per_prompt", 1);
        Entry entry = new Entry(
                id,
                Instant.now().getEpochSecond(),
                result.request().prompt(),
                result.seeds().get(index),
                image.getWidth(),
                result.copyScores().get(index),
                own,
                result.neighbors().stream().map(Gallery::reference).toList());
        AtomicFile.write(file(id, ".png"), out -> out.write(png));
        PngWriter.write(file(id, ".thumbnail.png"), Pictures.fit(image, THUMBNAIL), Map.of());
        AtomicFile.write(file(id, ".json"), out -> out.write(Json.write(entry)));
        synchronized (newestFirst) {
            newestFirst.addFirst(entry);
        }
        return Optional.of(id);
    }

    private static Entry.Reference reference(Pair pair) {
        return new Entry.Reference(pair.id(), pair.title(), pair.author(), pair.licence());
    }

    /** Only ever called with an id that this gallery made. */
    private Path file(String id, String suffix) {
        return folder.resolve(id + suffix);
    }

    /**
     * A part of what matches.
     *
     * @param total number of all that match
     */
    public record Page(int total, List<Entry> entries) {}

    /** The newest that match every word of {@code query}, {@code offset} of them passed over. */
    public Page search(String query, int offset, int limit) {
        List<Entry> all;
        synchronized (newestFirst) {
            all = List.copyOf(newestFirst);
        }
        List<Entry> matching = query.isBlank()
                ? all
                : all.stream().filter(e -> e.matches(query)).toList();
        return new Page(
                matching.size(), matching.stream().skip(offset).limit(limit).toList());
    }

    /** The entry with this id. */
    public Optional<Entry> find(String id) {
        synchronized (newestFirst) {
            return newestFirst.stream().filter(e -> e.id().equals(id)).findFirst();
        }
    }

    /** The picture of an entry. */
    public byte[] picture(Entry entry) {
        return bytes(file(entry.id(), ".png"));
    }

    /** A small picture of an entry. */
    public byte[] thumbnail(Entry entry) {
        return bytes(file(entry.id(), ".thumbnail.png"));
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes an entry and its files. */
    public void delete(Entry entry) {
        synchronized (newestFirst) {
            newestFirst.remove(entry);
        }
        try {
            for (String suffix : List.of(".json", ".png", ".thumbnail.png")) {
                Files.deleteIfExists(file(entry.id(), suffix));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Number of pictures. */
    public int size() {
        synchronized (newestFirst) {
            return newestFirst.size();
        }
    }
}
