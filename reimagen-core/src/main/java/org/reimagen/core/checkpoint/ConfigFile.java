package org.reimagen.core.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.reimagen.core.ReImagenException;

/** JSON files of a model folder, read strictly and written atomically, and the hashes of its other files. */
final class ConfigFile {
    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private ConfigFile() {}

    /**
     * The record in a file.
     *
     * @throws ReImagenException naming the file, or the field that is unknown or does not fit
     */
    static <T> T read(Path file, Class<T> type) {
        try {
            JsonNode json = JSON.readTree(file.toFile());
            if (json.path("unet") instanceof ObjectNode unet && !unet.has("blend")) {
                unet.put("blend", false); // as in files from before it
            }
            if (json instanceof ObjectNode stage && stage.has("unet") && !stage.has("from_time")) {
                stage.put("from_time", 0); // as in files from before it
            }
            if (json.path("network") instanceof ObjectNode network && !network.has("conditions")) {
                network.putNull("conditions"); // as in files from before them
            }
            return JSON.treeToValue(json, type);
        } catch (JsonProcessingException e) {
            throw new ReImagenException(file + ": " + oneLine(e), e);
        } catch (IOException e) {
            throw new ReImagenException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static String oneLine(JsonProcessingException e) {
        Throwable cause = e.getCause() instanceof ReImagenException ? e.getCause() : e;
        String message = String.valueOf(cause.getMessage());
        return message.lines().findFirst().orElse("is not valid");
    }

    /** Writes a record or map. */
    static void write(Path file, Object json) {
        try {
            byte[] bytes = (JSON.writeValueAsString(json) + "\n").getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(file, out -> out.write(bytes));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** SHA-256 of a file's bytes, lower-case hex. */
    static String sha256(Path file) {
        try {
            return sha256(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new ReImagenException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** SHA-256 of some bytes, lower-case hex. */
    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
