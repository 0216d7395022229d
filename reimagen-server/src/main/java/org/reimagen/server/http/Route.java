package org.reimagen.server.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One method on one path.
 *
 * @param path such as {@code /v1/gallery/{id}}; a segment in braces matches one segment
 * @param access who may
 * @param limits how much of a body is read
 */
public record Route(String method, String path, Access access, Limits limits, Handler handler) {
    /** Who may use a route. */
    public enum Access {
        /** Anyone who reaches the server: the page's files, health. */
        OPEN,
        /** The token, where one is set. */
        USER,
        /** The token; refused where none is set. */
        ADMIN
    }

    /** Answers one request; exceptions become errors. */
    @FunctionalInterface
    public interface Handler {
        /** Answers. */
        void handle(Exchange exchange) throws Exception;
    }

    /** The values of the segments in braces, if the path matches. */
    Optional<Map<String, String>> match(String actual) {
        List<String> wanted = List.of(path.split("/", -1));
        List<String> given = List.of(actual.split("/", -1));
        if (wanted.size() != given.size()) {
            return Optional.empty();
        }
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < wanted.size(); i++) {
            String segment = wanted.get(i);
            if (segment.startsWith("{")) {
                values.put(segment.substring(1, segment.length() - 1), given.get(i));
            } else if (!segment.equals(given.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(values);
    }
}
