package org.reimagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The OpenAPI file as a promise: checks replies, and each event of a stream, against it; fields that it does not name are refused.
 * Knows which of its replies and kinds of events were not seen.
 */
final class Contract {
    private static final String EVENTS = "text/event-stream";
    private static final Pattern EVENT = Pattern.compile("event: (.+)\ndata: (.+)");

    private final JsonSchemaFactory schemas = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
    private final JsonNode file;
    private final TreeSet<String> unseen = new TreeSet<>();

    Contract(JsonNode file) {
        this.file = file;
        close(file);
        file.get("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(operation -> operation
                                .getValue()
                                .get("responses")
                                .properties()
                                .forEach(reply -> promise(
                                        operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(),
                                        reply.getKey(),
                                        reply.getValue().path("content")))));
    }

    private void promise(String operation, String status, JsonNode content) {
        if (content.isEmpty()) {
            unseen.add(operation + " " + status);
        }
        content.properties().forEach(type -> {
            String key = operation + " " + status + " " + type.getKey();
            unseen.add(key);
            if (type.getKey().equals(EVENTS)) {
                kinds(type.getValue()).keySet().forEach(kind -> unseen.add(key + " " + kind));
            }
        });
    }

    /** Refuses what a schema does not name, in the whole file: a client may get more than was promised, our server may not send it. */
    private static void close(JsonNode node) {
        if (node instanceof ObjectNode schema
                && schema.path("properties").isObject()
                && !schema.has("additionalProperties")) {
            schema.put("additionalProperties", false);
        }
        node.forEach(Contract::close);
    }

    /** The schemas of a stream's events, of their data, by name. */
    private Map<String, JsonNode> kinds(JsonNode stream) {
        Map<String, JsonNode> kinds = new LinkedHashMap<>();
        String reference = stream.at("/x-itemSchema/$ref").asText();
        for (JsonNode kind : file.at(reference.substring(1)).get("oneOf")) {
            kinds.put(kind.at("/properties/event/const").asText(), kind.at("/properties/data/contentSchema"));
        }
        return kinds;
    }

    /** Replies that are promised and were not seen: method, path, status, media type, kind of event. */
    Set<String> unseen() {
        return unseen;
    }

    /** A reply that is promised in the file; its body has the schema that the file gives. */
    HttpResponse<String> check(String operation, HttpResponse<String> reply) throws Exception {
        String[] named = operation.split(" ", 2);
        JsonNode content = file.at("/paths")
                .path(named[1])
                .path(named[0].toLowerCase(Locale.ROOT))
                .path("responses")
                .path(String.valueOf(reply.statusCode()))
                .path("content");
        String type = reply.headers().firstValue("Content-Type").orElse("").split(";", 2)[0];
        String key = operation + " " + reply.statusCode() + (type.isEmpty() ? "" : " " + type);
        if (type.isEmpty() || reply.body().isEmpty()) {
            assertThat(content.isMissingNode()).as(key + " without a body").isTrue();
            unseen.remove(operation + " " + reply.statusCode());
            return reply;
        }
        assertThat(content.has(type))
                .as(key + " is documented; it said " + reply.body())
                .isTrue();
        if (type.equals("application/json")) {
            checkJson(key, content.get(type).get("schema"), TestServer.json(reply));
        } else if (type.equals(EVENTS)) {
            checkEvents(key, kinds(content.get(type)), reply.body());
        }
        unseen.remove(key);
        return reply;
    }

    private void checkJson(String key, JsonNode promised, JsonNode json) {
        ObjectNode schema = promised.deepCopy();
        schema.set("components", file.get("components")); // what its references point into
        assertThat(schemas.getSchema(schema).validate(json)).as(key).isEmpty();
    }

    /** Every event is of a kind that is promised, and is whole: a name, and one line of data that has the kind's schema. */
    private void checkEvents(String key, Map<String, JsonNode> kinds, String body) throws Exception {
        assertThat(body).as(key).endsWith("\n\n");
        for (String event : body.split("\n\n", -1)) {
            if (event.isEmpty() || event.equals(": ")) {
                continue; // the end, or a heartbeat
            }
            Matcher lines = EVENT.matcher(event);
            assertThat(lines.matches()).as(key + " sent " + event).isTrue();
            String kind = lines.group(1);
            assertThat(kinds).as(key).containsKey(kind);
            checkJson(
                    key + " " + kind,
                    Objects.requireNonNull(kinds.get(kind)),
                    TestServer.JSON.readTree(lines.group(2)));
            unseen.remove(key + " " + kind);
        }
    }
}
