package org.reimagen.server.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.pipeline.GenerationRequest.GuidanceWeights;
import org.reimagen.server.ServerConfig;
import org.reimagen.server.gallery.Gallery;
import org.reimagen.server.http.Guard;
import org.reimagen.server.http.Route;
import org.reimagen.server.job.JobQueue;
import org.reimagen.server.job.Studio;

/** All routes of a server. */
public final class Api {
    private Api() {}

    /**
     * What the routes stand on.
     *
     * @param model name of the model, for clients that list models
     */
    public record Parts(
            Studio studio,
            JobQueue queue,
            Gallery gallery,
            Metrics metrics,
            Guard guard,
            ServerConfig config,
            String model) {}

    /** The routes. */
    public static List<Route> routes(Parts parts) {
        Uploads uploads = new Uploads();
        Orders orders = new Orders(parts.studio(), parts.config(), uploads);
        Idempotency idempotency = new Idempotency(parts.queue());
        Search search = new Search(parts.studio(), uploads);
        return Stream.of(
                        new GenerateApi(parts.studio(), parts.queue(), orders, idempotency).routes(),
                        new ImagesApi(orders, idempotency, parts.model()).routes(),
                        new KnowledgeApi(parts.studio(), search).routes(),
                        new KnnApi(search).routes(),
                        new GalleryApi(parts.gallery()).routes(),
                        new OperationApi(parts.queue(), parts.gallery(), parts.metrics(), parts.guard(), about(parts))
                                .routes(),
                        PageApi.routes())
                .flatMap(List::stream)
                .toList();
    }

    private static Map<String, Object> about(Parts parts) {
        GenerationRequest usual = GenerationRequest.of("x");
        Map<String, Object> defaults = new LinkedHashMap<>();
        defaults.put("knn", usual.knn());
        defaults.put("num_inference_steps", usual.numInferenceSteps());
        defaults.put("strength", usual.strength());
        defaults.put("candidates", usual.candidates());
        defaults.put("smoothing", usual.finish().smoothing());
        defaults.put("background_tolerance", usual.finish().backgroundTolerance());
        defaults.put("guidance_scale", GuidanceWeights.DEFAULT.text());
        defaults.put("neighbor_guidance_scale", GuidanceWeights.DEFAULT.neighbor());
        defaults.put("guidance_ratio", GuidanceWeights.DEFAULT.ratio());
        defaults.put("guidance_from", GuidanceWeights.DEFAULT.from());
        defaults.put("guidance_rescale", GuidanceWeights.DEFAULT.rescale());
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("model", parts.model());
        about.put("pairs", parts.studio().read(base -> base.size()));
        about.put("resolutions", parts.studio().resolutions());
        about.put("max_steps", parts.config().maxSteps());
        about.put("max_images", parts.config().maxImages());
        about.put("queue", parts.config().queue());
        about.put("defaults", defaults);
        return about;
    }
}
