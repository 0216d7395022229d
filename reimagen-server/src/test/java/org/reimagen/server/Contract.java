package org.reimagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** The OpenAPI file as a promise: checks replies against it, and knows which of its replies were not seen. */
final class Contract {
    private final JsonSchemaFactory schemas = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
    private final JsonNode file;
    private final TreeSet<String> unseen = new TreeSet<>();

    Contract(JsonNode file) {
        this.file = file;
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
        content.fieldNames().forEachRemaining(type -> unseen.add(operation + " " + status + " " + type));
    }

    /** Replies that are promised and were not seen: method, path, status, media type. */
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
            ObjectNode schema = content.get(type).get("schema").deepCopy();
            schema.set("components", file.get("components")); // what its references point into
            assertThat(schemas.getSchema(schema).validate(TestServer.json(reply)))
                    .as(key)
                    .isEmpty();
        }
        unseen.remove(key);
        return reply;
    }
}
