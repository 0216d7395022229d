package org.reimagen.server.api;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reimagen.knowledge.retrieval.Neighbor;
import org.reimagen.server.http.ApiException;
import org.reimagen.server.http.Exchange;
import org.reimagen.server.http.Limits;
import org.reimagen.server.http.Route;
import org.reimagen.server.http.Route.Access;

/**
 * clip-retrieval's interface. Addresses of pictures and embeddings are refused: no address of a client's is opened, and the
 * base is searched by text and by look. <b>Source</b>: clip-retrieval's {@code clip_back}.
 */
final class KnnApi {
    private static final String INDEX = "reimagen";

    private final Search search;

    KnnApi(Search search) {
        this.search = search;
    }

    List<Route> routes() {
        return List.of(
                new Route("POST", "/knn-service", Access.USER, Limits.PICTURES, this::search),
                new Route("GET", "/indices-list", Access.USER, Limits.NO_BODY, e -> e.json(200, List.of(INDEX))));
    }

    /** The body, clip-retrieval's names; what asks for filters that there are none of here is accepted and not read. */
    private record Body(
            @Nullable String text,
            @Nullable String image,
            @Nullable String imageUrl,
            @Nullable List<Double> embeddingInput,
            @Nullable String modality,
            @Nullable Integer numImages,
            @Nullable String indiceName,
            @Nullable Integer numResultIds,
            @Nullable Boolean deduplicate,
            @Nullable Boolean useSafetyModel,
            @Nullable Boolean useViolenceDetector,
            @Nullable Integer aestheticScore,
            @Nullable Double aestheticWeight,
            @Nullable Boolean useMclip) {}

    private void search(Exchange exchange) throws IOException {
        Body body = exchange.body(Body.class);
        if (body.imageUrl() != null) {
            throw ApiException.invalid("image_url", "addresses of pictures are not opened; send the picture as image");
        }
        if (body.embeddingInput() != null) {
            throw ApiException.invalid("embedding_input", "the base is searched by text or picture, not by embedding");
        }
        if (body.indiceName() != null && !body.indiceName().equals(INDEX)) {
            throw ApiException.invalid("indice_name", "the only index is " + INDEX);
        }
        if (body.modality() != null && !List.of("image", "text").contains(body.modality())) {
            throw ApiException.invalid("modality", "modality must be image or text");
        }
        int k = Orders.or(body.numImages(), 10);
        if (k < 1 || k > 100) {
            throw ApiException.invalid("num_images", "num_images must be 1 to 100");
        }
        exchange.json(200, found(exchange, neighbors(body, k)));
    }

    private List<Neighbor> neighbors(Body body, int k) {
        if (body.text() != null) {
            return search.byText(body.text(), k);
        }
        if (body.image() != null) {
            return search.byPicture("image", body.image(), k);
        }
        throw ApiException.invalid("text", "text or image is needed");
    }

    private static List<Map<String, Object>> found(Exchange exchange, List<Neighbor> neighbors) {
        List<Map<String, Object>> found = new ArrayList<>();
        for (Neighbor neighbor : neighbors) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("id", neighbor.pair().id());
            json.put("caption", neighbor.pair().caption());
            json.put("url", exchange.origin() + Replies.thumbnail(neighbor.pair()) + "&size=256");
            json.put("similarity", neighbor.score());
            found.add(json);
        }
        return found;
    }
}
