package org.reimagen.rating.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reimagen.eval.listing.ListedPicture;
import org.reimagen.eval.listing.ListedReference;
import org.reimagen.rating.Question;
import org.reimagen.rating.Verdict;
import org.reimagen.server.http.ApiException;
import org.reimagen.server.http.Exchange;
import org.reimagen.server.http.Limits;
import org.reimagen.server.http.Route;
import org.reimagen.server.http.Route.Access;

/** The page's addresses. Raters and places come from the client; what they may see is decided by {@link RatingDesk}. */
final class RatingApi {
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]{0,39}");
    private static final Map<String, String> FILES = Map.of(
            "index.html", "text/html; charset=utf-8",
            "rate.css", "text/css; charset=utf-8",
            "rate.js", "text/javascript; charset=utf-8",
            "icon.svg", "image/svg+xml");

    private final RatingDesk desk;

    RatingApi(RatingDesk desk) {
        this.desk = desk;
    }

    List<Route> routes() {
        String place = "/v1/raters/{rater}/pictures/{place}";
        List<Route> routes = new ArrayList<>();
        FILES.forEach((file, type) -> {
            byte[] bytes = resource(file);
            String path = file.equals("index.html") ? "/" : "/" + file;
            routes.add(new Route("GET", path, Access.OPEN, Limits.NO_BODY, e -> e.send(200, type, bytes)));
        });
        routes.add(route("GET", "/v1/raters/{rater}", Limits.NO_BODY, this::rater));
        routes.add(route("GET", place, Limits.NO_BODY, this::picture));
        routes.add(route("PUT", place, Limits.SMALL, this::answer));
        routes.add(route("GET", place + "/image", Limits.NO_BODY, this::image));
        routes.add(route("GET", place + "/references/{index}", Limits.NO_BODY, this::reference));
        return routes;
    }

    private static Route route(String method, String path, Limits limits, Route.Handler handler) {
        return new Route(method, path, Access.USER, limits, handler);
    }

    private static byte[] resource(String file) {
        try (InputStream in = Objects.requireNonNull(RatingApi.class.getResourceAsStream(file), file)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Exchange exchange) {
        String name = exchange.path("rater");
        if (!NAME.matcher(name).matches()) {
            throw ApiException.invalid(
                    "rater",
                    "a name has 1 to 40 letters, digits, spaces, dots, dashes, and begins with a letter or digit");
        }
        return name;
    }

    private static int number(String name, String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw ApiException.invalid(name, name + " must be a whole number");
        }
        return Integer.parseInt(text);
    }

    private ListedPicture listed(Exchange exchange) {
        return desk.at(name(exchange), number("place", exchange.path("place")))
                .orElseThrow(() -> ApiException.missing("picture"));
    }

    private void rater(Exchange exchange) throws IOException {
        String name = name(exchange);
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("rater", name);
        reply.put("total", desk.size());
        Map<String, Object> answers = new LinkedHashMap<>();
        desk.answers(name).forEach((place, given) -> answers.put(place.toString(), words(given)));
        reply.put("answers", answers);
        exchange.json(200, reply);
    }

    private static Map<String, String> words(Map<Question, Verdict> given) {
        Map<String, String> words = new LinkedHashMap<>();
        given.forEach((question, verdict) -> words.put(question.word(), verdict.word()));
        return words;
    }

    private void picture(Exchange exchange) throws IOException {
        ListedPicture picture = listed(exchange);
        exchange.json(
                200,
                Map.of(
                        "asked_for",
                        picture.prompt(),
                        "references",
                        desk.references(picture).stream().map(RatingApi::shown).toList()));
    }

    private static Map<String, String> shown(ListedReference reference) {
        String credit = Stream.of(reference.licence(), reference.author())
                .filter(s -> !s.isBlank())
                .reduce((a, b) -> a + " · " + b)
                .orElse("");
        return Map.of("title", reference.title(), "style", reference.style(), "credit", credit);
    }

    private void image(Exchange exchange) throws IOException {
        exchange.send(200, "image/png", desk.png(listed(exchange).file()));
    }

    private void reference(Exchange exchange) throws IOException {
        List<ListedReference> references = desk.references(listed(exchange));
        int index = number("index", exchange.path("index"));
        if (index >= references.size()) {
            throw ApiException.missing("reference");
        }
        exchange.send(200, "image/png", desk.png(references.get(index).file()));
    }

    /**
     * An answer as it comes.
     *
     * @param verdict null takes the answer back
     */
    private record Said(@Nullable String question, @Nullable String verdict) {}

    private void answer(Exchange exchange) throws IOException {
        ListedPicture picture = listed(exchange);
        Said said = exchange.body(Said.class);
        Question question = Stream.of(Question.values())
                .filter(q -> q.word().equals(said.question()))
                .findFirst()
                .orElseThrow(() -> ApiException.invalid("question", "question must be faithful or clean"));
        Optional<Verdict> verdict = Stream.of(Verdict.values())
                .filter(v -> v.word().equals(said.verdict()))
                .findFirst();
        if (verdict.isEmpty() && said.verdict() != null) {
            throw ApiException.invalid("verdict", "verdict must be yes, no, unsure or null");
        }
        desk.answer(name(exchange), picture, question, verdict);
        exchange.json(200, Map.of("kept", verdict.map(Verdict::word).orElse("")));
    }
}
