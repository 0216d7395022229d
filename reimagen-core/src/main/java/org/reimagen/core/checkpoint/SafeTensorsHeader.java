package org.reimagen.core.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reimagen.core.ReImagenException;

/**
 * The header of a safetensors file, checked against every way in which a hostile one could lie.
 *
 * @param metadata the string map under {@code __metadata__}
 * @param entries tensors by name, in the order of their data
 */
record SafeTensorsHeader(Map<String, String> metadata, Map<String, TensorEntry> entries) {
    static final long MAX_BYTES = 100L << 20;
    static final String METADATA = "__metadata__";
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();

    /**
     * Parses and validates a header.
     *
     * @param json UTF-8 bytes of the header
     * @param dataBytes size of the data section that must be covered exactly
     * @throws ReImagenException in one line that begins with {@code file}
     */
    static SafeTensorsHeader parse(String file, byte[] json, long dataBytes) {
        JsonNode root = tree(file, json);
        Map<String, String> metadata = new LinkedHashMap<>();
        List<TensorEntry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            if (field.getKey().equals(METADATA)) {
                readMetadata(file, field.getValue(), metadata);
            } else {
                entries.add(entry(file, field.getKey(), field.getValue()));
            }
        }
        entries.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
        checkCover(file, entries, dataBytes);
        Map<String, TensorEntry> byName = new LinkedHashMap<>();
        entries.forEach(e -> byName.put(e.name(), e));
        return new SafeTensorsHeader(metadata, byName);
    }

    private static JsonNode tree(String file, byte[] json) {
        try {
            JsonNode root = JSON.readTree(new String(json, StandardCharsets.UTF_8));
            require(root != null && root.isObject(), file, "its header is no JSON object");
            return root;
        } catch (JsonProcessingException e) {
            throw new ReImagenException(file + ": its header is no valid JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static void readMetadata(String file, JsonNode node, Map<String, String> metadata) {
        require(node.isObject(), file, "__metadata__ is no object");
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            require(field.getValue().isTextual(), file, "metadata " + field.getKey() + " is no string");
            metadata.put(field.getKey(), field.getValue().textValue());
        }
    }

    private static TensorEntry entry(String file, String name, JsonNode node) {
        String what = "tensor " + name;
        require(node.isObject() && node.size() == 3, file, what + " must have dtype, shape and data_offsets");
        JsonNode offsets = node.path("data_offsets");
        require(offsets.isArray() && offsets.size() == 2, file, what + " has no two data_offsets");
        List<Long> shape = new ArrayList<>();
        require(node.path("shape").isArray() && node.path("shape").size() <= 8, file, what + " has no valid shape");
        for (JsonNode size : node.path("shape")) {
            shape.add(natural(file, what, size));
        }
        TensorEntry entry = new TensorEntry(
                name,
                dtype(file, what, node.path("dtype").asText()),
                shape,
                natural(file, what, offsets.get(0)),
                natural(file, what, offsets.get(1)));
        require(entry.byteSize() == bytes(file, entry), file, what + " has offsets that do not fit its shape");
        return entry;
    }

    private static DType dtype(String file, String what, String name) {
        for (DType candidate : DType.values()) {
            if (candidate.name().equals(name)) {
                return candidate;
            }
        }
        throw new ReImagenException(file + ": " + what + " has the unknown dtype " + name);
    }

    private static long natural(String file, String what, JsonNode node) {
        boolean fits = node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0;
        require(fits, file, what + " has a size or offset that is no natural number");
        return node.longValue();
    }

    private static long bytes(String file, TensorEntry entry) {
        try {
            long product = entry.dtype().bytes();
            for (long size : entry.shape()) {
                product = Math.multiplyExact(product, size);
            }
            return product;
        } catch (ArithmeticException e) {
            throw new ReImagenException(file + ": tensor " + entry.name() + " has an overflowing shape", e);
        }
    }

    private static void checkCover(String file, List<TensorEntry> entries, long dataBytes) {
        long at = 0;
        for (TensorEntry entry : entries) {
            require(entry.begin() == at, file, "tensor " + entry.name() + " overlaps another or leaves a hole");
            at = entry.end();
        }
        require(at == dataBytes, file, "its data has " + dataBytes + " bytes, its header says " + at);
    }

    private static void require(boolean holds, String file, String fault) {
        if (!holds) {
            throw new ReImagenException(file + ": " + fault);
        }
    }
}
