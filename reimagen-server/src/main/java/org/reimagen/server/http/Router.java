package org.reimagen.server.http;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Guards, routes, answers, turns every failure into an error in OpenAI's shape, and tells what was answered. */
public final class Router extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(Router.class);
    private static final int BODIES = 160 << 20;
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self' data: blob:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

    private final List<Route> routes;
    private final Guard guard;
    private final Observer observer;
    private final BodyBudget budget = new BodyBudget(BODIES);
    private final AtomicInteger answering = new AtomicInteger();

    /** Hears of every answered request. */
    @FunctionalInterface
    public interface Observer {
        /**
         * A request was answered.
         *
         * @param route its route's path, {@code none} if it matched none: never what the client wrote
         * @param seconds until the connection was done with: a refusal of a body that is still being sent counts its {@link Departure#await}
         */
        void answered(String method, String route, int status, double seconds);
    }

    /** A router over these routes. */
    public Router(List<Route> routes, Guard guard, Observer observer) {
        this.routes = List.copyOf(routes);
        this.guard = guard;
        this.observer = observer;
    }

    /** Requests that are being answered. */
    int answering() {
        return answering.get();
    }

    private record Match(Route route, Map<String, String> path) {}

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        long start = System.nanoTime();
        answering.incrementAndGet();
        headers(response.getHeaders());
        request.addIdleTimeoutListener(timeout -> false);
        String name = "none";
        Exchange exchange = new Exchange(request, response, Map.of(), Limits.NO_BODY, budget);
        try {
            Optional<String> host = Optional.ofNullable(request.getHeaders().get("Host"));
            boolean navigation = request.getMethod().equals("GET")
                    && "navigate".equals(request.getHeaders().get("Sec-Fetch-Mode"));
            guard.checkSource(host, exchange.header("Origin"), exchange.header("Sec-Fetch-Site"), navigation);
            Match match = match(request);
            name = match.route().path();
            guard.checkAccess(match.route().access(), exchange.header("Authorization"), exchange.header("Cookie"));
            exchange =
                    new Exchange(request, response, match.path(), match.route().limits(), budget);
            match.route().handler().handle(exchange);
            callback.succeeded();
        } catch (ApiException e) {
            fail(exchange, e, callback);
        } catch (IOException e) {
            LOG.debug("the client left {}", name, e);
            exchange.departure().left();
            callback.failed(e);
        } catch (Exception | OutOfMemoryError e) {
            LOG.error("{} {} failed", request.getMethod(), name, e);
            fail(exchange, ApiException.of(500, "internal_error", "the server failed; its log says why"), callback);
        } finally {
            exchange.departure().finish();
            observer.answered(
                    known(request.getMethod()), name, response.getStatus(), (System.nanoTime() - start) / 1e9);
            answering.decrementAndGet();
        }
        return true;
    }

    private static String known(String method) {
        return List.of("GET", "POST", "DELETE", "HEAD", "PUT", "PATCH", "OPTIONS")
                        .contains(method)
                ? method
                : "OTHER";
    }

    private static void headers(HttpFields.Mutable headers) {
        headers.put("Content-Security-Policy", POLICY);
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("X-Frame-Options", "DENY");
        headers.put("Referrer-Policy", "no-referrer");
        headers.put("Cross-Origin-Opener-Policy", "same-origin");
        headers.put("Cross-Origin-Resource-Policy", "same-origin");
        headers.put("Cache-Control", "no-store");
    }

    private Match match(Request request) {
        String path = request.getHttpURI().getDecodedPath();
        String method = request.getMethod().equals("HEAD") ? "GET" : request.getMethod();
        TreeSet<String> allowed = new TreeSet<>();
        for (Route route : routes) {
            Optional<Map<String, String>> values = route.match(path == null ? "" : path);
            if (values.isPresent() && route.method().equals(method)) {
                return new Match(route, values.get());
            }
            values.ifPresent(_ -> allowed.add(route.method()));
        }
        if (allowed.isEmpty()) {
            throw ApiException.missing("address");
        }
        throw ApiException.of(405, "method_not_allowed", "this address takes " + String.join(", ", allowed));
    }

    private static void fail(Exchange exchange, ApiException e, Callback callback) {
        if (exchange.isCommitted()) {
            callback.failed(e);
            return;
        }
        try {
            e.headers().forEach(exchange::set);
            boolean unread = exchange.closeIfUnread();
            exchange.json(e.status(), error(e));
            if (unread) {
                exchange.departure().await();
            }
            callback.succeeded();
        } catch (IOException left) {
            callback.failed(left);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            callback.failed(stopping);
        }
    }

    /** The reply's body: {@code {"error": {message, type, param, code}}}. */
    public static Map<String, Object> error(ApiException e) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("message", String.valueOf(e.getMessage()));
        error.put("type", type(e.status()));
        error.put("param", e.param());
        error.put("code", e.code());
        return Map.of("error", error);
    }

    private static String type(int status) {
        return switch (status) {
            case 401, 403 -> "authentication_error";
            case 429 -> "rate_limit_error";
            case 500, 503 -> "server_error";
            default -> "invalid_request_error";
        };
    }
}
