package org.reimagen.server.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.reimagen.server.http.Limits;
import org.reimagen.server.http.Route;
import org.reimagen.server.http.Route.Access;

/** The page's files, a fixed list: nothing that a client sends becomes a path. */
final class PageApi {
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");
    private static final List<String> FILES = List.of(
            "index.html",
            "style.css",
            "app.js",
            "client.js",
            "references.js",
            "drawing.js",
            "gallery.js",
            "settings.js",
            "icon.svg");

    private PageApi() {}

    static List<Route> routes() {
        List<Route> routes = new ArrayList<>();
        for (String file : FILES) {
            byte[] bytes = OperationApi.resource("page/" + file);
            String type = TYPES.getOrDefault(file.substring(file.lastIndexOf('.') + 1), "text/plain");
            String tag = Idempotency.fingerprint(bytes).substring(0, 32);
            String path = file.equals("index.html") ? "/" : "/" + file;
            routes.add(
                    new Route("GET", path, Access.OPEN, Limits.NO_BODY, e -> e.cached(type, bytes, tag, "no-cache")));
        }
        return routes;
    }
}
