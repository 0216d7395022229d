package org.reimagen.server.api;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartFormData;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.NewPair;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.PictureException;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.draw.VectorDrawing;
import org.reimagen.knowledge.retrieval.Neighbor;
import org.reimagen.pipeline.PngWriter;
import org.reimagen.server.http.ApiException;
import org.reimagen.server.http.Exchange;
import org.reimagen.server.http.Limits;
import org.reimagen.server.http.Route;
import org.reimagen.server.http.Route.Access;
import org.reimagen.server.job.Studio;

/** The knowledge base: search, one pair's record, thumbnails; adding and removing with a token. */
final class KnowledgeApi {
    private static final int THUMBNAILS = 1000;
    private static final int MAX_PARTS = 12;

    private final Studio studio;
    private final Search search;
    private final Map<String, byte[]> thumbnails = Collections.synchronizedMap(new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, byte[]> eldest) {
            return size() > THUMBNAILS;
        }
    });

    KnowledgeApi(Studio studio, Search search) {
        this.studio = studio;
        this.search = search;
    }

    List<Route> routes() {
        return List.of(
                new Route("GET", "/v1/knowledge/search", Access.USER, Limits.NO_BODY, this::byText),
                new Route("POST", "/v1/knowledge/search", Access.USER, Limits.PICTURES, this::byPicture),
                new Route(
                        "GET",
                        "/v1/knowledge/pair",
                        Access.USER,
                        Limits.NO_BODY,
                        e -> e.json(200, Replies.pair(pair(e)))),
                new Route("GET", "/v1/knowledge/thumbnail", Access.USER, Limits.NO_BODY, this::thumbnail),
                new Route("POST", "/v1/knowledge/pairs", Access.ADMIN, Limits.PICTURES, this::add),
                new Route("DELETE", "/v1/knowledge/pairs", Access.ADMIN, Limits.NO_BODY, this::remove));
    }

    private void byText(Exchange exchange) throws IOException {
        String text = exchange.query("q").orElseThrow(() -> ApiException.invalid("q", "q is missing"));
        reply(exchange, search.byText(text, exchange.query("k", 10, 1, 100)));
    }

    /**
     * A picture to search by.
     *
     * @param picture Base64
     */
    private record PictureQuery(String picture, int k) {}

    private void byPicture(Exchange exchange) throws IOException {
        PictureQuery query = exchange.body(PictureQuery.class);
        if (query.picture() == null || query.k() < 1 || query.k() > 100) {
            throw ApiException.invalid("k", "a picture and k, 1 to 100, are needed");
        }
        reply(exchange, search.byPicture("picture", query.picture(), query.k()));
    }

    private static void reply(Exchange exchange, List<Neighbor> neighbors) throws IOException {
        exchange.json(200, Map.of("neighbors", Replies.neighbors(neighbors)));
    }

    private Pair pair(Exchange exchange) {
        String id = exchange.query("id").orElseThrow(() -> ApiException.invalid("id", "id is missing"));
        return studio.read(base -> base.find(id)).orElseThrow(() -> ApiException.missing("pair"));
    }

    private void thumbnail(Exchange exchange) throws IOException {
        Pair pair = pair(exchange);
        int size = exchange.query("size", 96, 16, 256);
        String tag = pair.sha256() + "-" + size;
        byte[] png = thumbnails.get(tag);
        if (png == null) {
            BufferedImage image = studio.read(base -> Pictures.on(Color.WHITE, base.picture(pair, size)));
            png = PngWriter.encode(image, Map.of());
            thumbnails.put(tag, png);
        }
        exchange.cached("image/png", png, tag, "private, max-age=3600");
    }

    private void add(Exchange exchange) throws IOException {
        Map<String, String> fields = new LinkedHashMap<>();
        byte[] picture = new byte[0];
        try (MultiPartFormData.Parts parts = exchange.parts(MAX_PARTS)) {
            for (MultiPart.Part part : parts) {
                if ("picture".equals(part.getName())) {
                    picture = Exchange.bytes(part);
                } else {
                    fields.put(String.valueOf(part.getName()), part.getContentAsString(StandardCharsets.UTF_8));
                }
            }
        }
        NewPair added = newPair(fields, picture);
        change(() -> studio.change(writer -> writer.add(added)), "picture");
        Pair pair = studio.read(base -> base.find(added.id())).orElseThrow(() -> ApiException.missing("pair"));
        exchange.json(201, Replies.pair(pair));
    }

    private static NewPair newPair(Map<String, String> fields, byte[] picture) {
        if (picture.length == 0 || VectorDrawing.looksLikeSvg(picture)) {
            throw ApiException.invalid("picture", "picture must be a PNG, JPEG, WebP, GIF or BMP");
        }
        String caption = field(fields, "caption");
        String title = fields.getOrDefault("title", caption);
        NewPair.Text text = new NewPair.Text(
                caption,
                title,
                fields.getOrDefault("entity", title),
                fields.getOrDefault("style", ""),
                List.of(fields.getOrDefault("tags", "").split(",", -1)));
        NewPair.Credit credit = new NewPair.Credit(
                field(fields, "licence"), fields.getOrDefault("author", ""), fields.getOrDefault("source", "HTTP"));
        try {
            return new NewPair(field(fields, "id"), text, credit, picture);
        } catch (KnowledgeException e) {
            throw ApiException.invalid("id", String.valueOf(e.getMessage()));
        }
    }

    private static String field(Map<String, String> fields, String name) {
        String value = fields.getOrDefault(name, "");
        if (value.isBlank() || value.length() > 2000) {
            throw ApiException.invalid(name, name + " must have 1 to 2000 characters");
        }
        return value;
    }

    private void remove(Exchange exchange) throws IOException {
        String sha256 = exchange.query("sha256").orElse("");
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw ApiException.invalid("sha256", "sha256 must be 64 hexadecimal digits");
        }
        int[] removed = new int[1];
        change(() -> studio.change(writer -> removed[0] = writer.remove(sha256)), "sha256");
        thumbnails.keySet().removeIf(tag -> tag.startsWith(sha256));
        exchange.json(200, Map.of("removed", removed[0]));
    }

    private static void change(Runnable change, String param) {
        try {
            change.run();
        } catch (KnowledgeException e) {
            boolean picture = e.getCause() instanceof PictureException;
            String message = String.valueOf(e.getMessage());
            boolean ofInput = picture || message.contains("blocked") || message.contains("transparent");
            throw ofInput
                    ? ApiException.invalid(param, message.lines().findFirst().orElse(param))
                    : ApiException.of(
                            409, "not_changed", "the knowledge base could not be changed; another writer may hold it");
        }
    }
}
