package org.reimagen.server.api;

import java.io.IOException;
import java.util.List;
import org.reimagen.server.gallery.Entry;
import org.reimagen.server.gallery.Gallery;
import org.reimagen.server.http.ApiException;
import org.reimagen.server.http.Exchange;
import org.reimagen.server.http.Limits;
import org.reimagen.server.http.Route;
import org.reimagen.server.http.Route.Access;

/** The kept pictures: search, settings, picture, thumbnail, delete. */
final class GalleryApi {
    private static final String FOREVER = "private, max-age=31536000, immutable";

    private final Gallery gallery;

    GalleryApi(Gallery gallery) {
        this.gallery = gallery;
    }

    List<Route> routes() {
        return List.of(
                new Route("GET", "/v1/gallery", Access.USER, Limits.NO_BODY, this::search),
                new Route("GET", "/v1/gallery/{id}", Access.USER, Limits.NO_BODY, e -> e.json(200, entry(e))),
                new Route("DELETE", "/v1/gallery/{id}", Access.USER, Limits.NO_BODY, this::delete),
                new Route("GET", "/v1/gallery/{id}/picture", Access.USER, Limits.NO_BODY, this::picture),
                new Route("GET", "/v1/gallery/{id}/thumbnail", Access.USER, Limits.NO_BODY, this::thumbnail));
    }

    private void search(Exchange exchange) throws IOException {
        String query = exchange.query("q").orElse("");
        if (query.length() > 500) {
            throw ApiException.invalid("q", "q must have at most 500 characters");
        }
        int offset = exchange.query("offset", 0, 0, 1_000_000);
        int limit = exchange.query("limit", 48, 1, 200);
        exchange.json(200, gallery.search(query, offset, limit));
    }

    private Entry entry(Exchange exchange) {
        return gallery.find(exchange.path("id")).orElseThrow(() -> ApiException.missing("picture"));
    }

    private void delete(Exchange exchange) throws IOException {
        gallery.delete(entry(exchange));
        exchange.empty(204);
    }

    private void picture(Exchange exchange) throws IOException {
        Entry entry = entry(exchange);
        if (exchange.query("download").isPresent()) {
            exchange.set("Content-Disposition", "attachment; filename=\"reimagen-" + entry.id() + ".png\"");
        }
        exchange.cached("image/png", gallery.picture(entry), entry.id(), FOREVER);
    }

    private void thumbnail(Exchange exchange) throws IOException {
        Entry entry = entry(exchange);
        exchange.cached("image/png", gallery.thumbnail(entry), entry.id() + "-t", FOREVER);
    }
}
