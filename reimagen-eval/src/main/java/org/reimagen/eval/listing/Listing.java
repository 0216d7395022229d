package org.reimagen.eval.listing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.AtomicFile;

/** The file {@value #NAME}: one JSON object a line, one line a {@link ListedPicture}. Unknown and missing keys are errors. */
public final class Listing {
    /** Name of the file in the folder of an evaluation. */
    public static final String NAME = "pictures.jsonl";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .build();

    private Listing() {}

    /** Replaces the listing of a folder; a kill leaves the old one or the new. */
    public static void write(Path folder, List<ListedPicture> pictures) {
        AtomicFile.write(folder.resolve(NAME), out -> {
            for (ListedPicture picture : pictures) {
                out.write(JSON.writeValueAsBytes(picture));
                out.write('\n');
            }
        });
    }

    /**
     * Reads the listing of a folder.
     *
     * @throws ReImagenException naming file and line, if there is none, a line is no picture, a file is named twice, is not there
     *     or lies outside the folder
     */
    public static List<ListedPicture> read(Path folder) {
        Path file = folder.resolve(NAME);
        if (!Files.isRegularFile(file)) {
            throw new ReImagenException(file + ": no such file; eval entitydraw and eval faithfulness write it");
        }
        try {
            List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            List<ListedPicture> pictures = new ArrayList<>();
            Set<String> seen = new HashSet<>();
            for (int i = 0; i < lines.size(); i++) {
                ListedPicture picture = parse(file, i + 1, lines.get(i));
                if (!seen.add(picture.file())) {
                    throw new ReImagenException(file + ": line " + (i + 1) + ": " + picture.file() + " is there twice");
                }
                check(folder, file, i + 1, picture);
                pictures.add(picture);
            }
            return pictures;
        } catch (IOException e) {
            throw new ReImagenException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static ListedPicture parse(Path file, int line, String text) {
        try {
            return JSON.readValue(text, ListedPicture.class);
        } catch (JsonProcessingException e) {
            String reason = e.getOriginalMessage().lines().findFirst().orElse("is no JSON");
            throw new ReImagenException(file + ": line " + line + ": " + reason, e);
        }
    }

    private static void check(Path folder, Path file, int line, ListedPicture picture) {
        Path root = folder.toAbsolutePath().normalize();
        Stream.concat(Stream.of(picture.file()), picture.references().stream().map(ListedReference::file))
                .forEach(name -> {
                    Path path = root.resolve(name).normalize();
                    if (!path.startsWith(root) || !Files.isRegularFile(path)) {
                        throw new ReImagenException(
                                file + ": line " + line + ": there is no file " + name + " in the folder");
                    }
                });
    }
}
