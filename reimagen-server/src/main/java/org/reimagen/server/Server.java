package org.reimagen.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.reimagen.core.ReImagenException;
import org.reimagen.server.api.Api;
import org.reimagen.server.api.Metrics;
import org.reimagen.server.gallery.Gallery;
import org.reimagen.server.http.Guard;
import org.reimagen.server.http.HttpListener;
import org.reimagen.server.http.Route;
import org.reimagen.server.http.Router;
import org.reimagen.server.job.Job;
import org.reimagen.server.job.JobQueue;
import org.reimagen.server.job.Studio;
import org.reimagen.server.job.Worker;

/**
 * A running server: Jetty, the queue, the gallery. <b>Owns</b>: what it starts; the studio stays the caller's.
 *
 * <p>Virtual threads answer requests, one platform thread draws.
 */
public final class Server {
    private static final int GALLERY = 10_000;
    /** The whole of an ending stays below the half minute that a stopped service is given. */
    private static final Duration DRAIN = Duration.ofSeconds(25);

    private final HttpListener listener;
    private final JobQueue queue;
    private final ServerConfig config;
    private final List<Route> routes;

    private Server(HttpListener listener, JobQueue queue, ServerConfig config, List<Route> routes) {
        this.routes = routes;
        this.listener = listener;
        this.queue = queue;
        this.config = config;
    }

    /**
     * Starts a server.
     *
     * @param model name of the model
     * @throws ReImagenException in one line if it cannot listen there
     */
    public static Server start(ServerConfig config, Studio studio, Path model, RequestLog log) {
        Metrics metrics = new Metrics();
        Gallery gallery = new Gallery(config.gallery(), GALLERY);
        Worker worker = new Worker(
                studio,
                (order, result, index, png) -> gallery.keep(order.settings(), result, index, png),
                new Observed(metrics));
        JobQueue queue = new JobQueue(config.queue(), config.batch(), worker, log::began);
        Guard guard = new Guard(config.address(), config.names(), config.token());
        String name =
                Optional.ofNullable(model.getFileName()).map(Path::toString).orElse("model");
        List<Route> routes = Api.routes(new Api.Parts(studio, queue, gallery, metrics, guard, config, name));
        Router router = new Router(routes, guard, (method, route, status, seconds) -> {
            answered(metrics, method, route, status, seconds);
            log.answered(method, route, status, seconds);
        });
        return new Server(HttpListener.start(config.address(), config.port(), router), queue, config, routes);
    }

    private static void answered(Metrics metrics, String method, String route, int status, double seconds) {
        String labels = "method=\"" + method + "\",route=\"" + route + "\"";
        metrics.count("reimagen_http_requests_total{" + labels + ",status=\"" + status + "\"}", 1);
        metrics.observe("reimagen_http_request_seconds", labels, seconds);
    }

    /** Counts what is drawn. */
    private record Observed(Metrics metrics) implements Worker.Observer {
        @Override
        public void began(int pictures) {
            metrics.observe("reimagen_batch_size", "", pictures);
        }

        @Override
        public void ended(Job.State state, Map<String, Long> millis) {
            metrics.count("reimagen_drawings_total{end=\"" + state.name().toLowerCase(Locale.ROOT) + "\"}", 1);
            millis.forEach(
                    (stage, ms) -> metrics.observe("reimagen_stage_seconds", "stage=\"" + stage + "\"", ms / 1000.0));
        }
    }

    /** What it answers. */
    List<Route> routes() {
        return routes;
    }

    /** The port that it listens on. */
    public int port() {
        return listener.port();
    }

    /** Where a person on this machine opens the page. */
    public String address() {
        String host = config.address().isAnyLocalAddress() ? "localhost" : config.host();
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port() + "/";
    }

    /**
     * Ends: not ready at once, what was taken is drawn within 25 s, the rest is stopped within a step.
     *
     * @throws InterruptedException if the waiting is interrupted
     */
    public void stop() throws InterruptedException {
        queue.drain(DRAIN);
        listener.stop();
    }
}
