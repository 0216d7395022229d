package org.reimagen.knowledge.encoder;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds what ends the process in a {@code tokenizer.json} from elsewhere: the tokenizers library reads a template that names a token
 * which it does not define, and panics over it at the first text, where nothing can be caught.
 */
final class TokenizerFile {
    private static final JsonMapper JSON = new JsonMapper();

    private TokenizerFile() {}

    /** What is wrong with the file, if anything. */
    static Optional<String> fault(Path file) throws IOException {
        try {
            return fault(JSON.readTree(Files.readAllBytes(file)).path("post_processor"));
        } catch (JacksonException e) {
            return Optional.of("is no JSON: " + e.getOriginalMessage());
        }
    }

    private static Optional<String> fault(JsonNode processor) {
        for (JsonNode each : processor.path("processors")) {
            Optional<String> fault = fault(each);
            if (fault.isPresent()) {
                return fault;
            }
        }
        JsonNode defined = processor.path("special_tokens");
        for (String template : new String[] {"single", "pair"}) {
            for (JsonNode piece : processor.path(template)) {
                JsonNode id = piece.path("SpecialToken").path("id");
                if (!id.isMissingNode() && !defined.has(id.asText())) {
                    return Optional.of("its template names the token " + id + ", which it does not define");
                }
            }
        }
        return Optional.empty();
    }
}
