package org.reimagen.knowledge.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.reimagen.knowledge.KnowledgeException;

/**
 * COCO's captions: {@code captions_val2017.json} with {@code images} (id, file_name) and {@code annotations} (image_id,
 * caption), and a folder of pictures.
 *
 * <p><b>Source</b>: Chen et al., Microsoft COCO Captions, arXiv 1504.00325.
 */
public final class CocoCaptions {
    private CocoCaptions() {}

    /**
     * Every picture that has a caption, in the order of the file, with its first caption.
     *
     * @param captions the JSON file
     * @param images folder that the file names are in
     * @throws KnowledgeException naming the file and what it lacks
     */
    public static List<CaptionedPicture> read(Path captions, Path images) {
        JsonNode root = json(captions);
        if (!root.path("images").isArray() || !root.path("annotations").isArray()) {
            throw new KnowledgeException(captions + ": has no images and annotations");
        }
        if (!Files.isDirectory(images)) {
            throw new KnowledgeException(images + ": no such folder of pictures");
        }
        Map<Long, String> firstCaptions = new HashMap<>();
        for (JsonNode annotation : root.path("annotations")) {
            String caption = annotation.path("caption").asText().strip();
            if (!caption.isEmpty()) {
                firstCaptions.putIfAbsent(annotation.path("image_id").asLong(), caption);
            }
        }
        List<CaptionedPicture> pictures = new ArrayList<>();
        for (JsonNode image : root.path("images")) {
            String caption = firstCaptions.get(image.path("id").asLong());
            if (caption != null) {
                pictures.add(picture(images, image, caption));
            }
        }
        return pictures;
    }

    private static CaptionedPicture picture(Path images, JsonNode image, String caption) {
        String name = image.path("file_name").asText();
        Path file = images.resolve(name).normalize();
        if (name.isEmpty() || !file.startsWith(images.normalize())) {
            throw new KnowledgeException("\"" + name + "\": lies outside " + images);
        }
        String address = image.path("coco_url").asText(name);
        return new CaptionedPicture(image.path("id").asText(), caption, caption, address, () -> Records.read(file));
    }

    static JsonNode json(Path file) {
        try {
            return new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (java.nio.file.NoSuchFileException e) {
            throw new KnowledgeException(file + ": no such file", e);
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new KnowledgeException(file + ": is no readable JSON: " + reason, e);
        }
    }
}
