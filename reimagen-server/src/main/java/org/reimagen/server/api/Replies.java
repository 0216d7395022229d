package org.reimagen.server.api;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.retrieval.Neighbor;
import org.reimagen.server.job.Drawing;
import org.reimagen.server.job.Job;

/** What is told of pairs, steps and drawings, as JSON. */
final class Replies {
    private Replies() {}

    static Map<String, Object> pair(Pair pair) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", pair.id());
        json.put("title", pair.title());
        json.put("caption", pair.caption());
        json.put("style", pair.style());
        json.put("licence", pair.licence());
        json.put("author", pair.author());
        json.put("source", pair.source());
        json.put("sha256", pair.sha256());
        json.put("width", pair.width());
        json.put("height", pair.height());
        json.put("thumbnail", thumbnail(pair));
        return json;
    }

    static String thumbnail(Pair pair) {
        return "/v1/knowledge/thumbnail?id=" + URLEncoder.encode(pair.id(), StandardCharsets.UTF_8);
    }

    static Map<String, Object> neighbor(Neighbor neighbor) {
        Map<String, Object> json = pair(neighbor.pair());
        json.put("score", neighbor.score());
        json.put("rank", neighbor.rank());
        return json;
    }

    static List<Map<String, Object>> neighbors(List<Neighbor> neighbors) {
        return neighbors.stream().map(Replies::neighbor).toList();
    }

    static Map<String, Object> step(Job.Step step) {
        return Map.of("resolution", step.resolution(), "step", step.step(), "steps", step.steps());
    }

    static Map<String, Object> preview(Job.Preview preview) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("resolution", preview.resolution());
        json.put("index", preview.index());
        json.put("complete", preview.complete());
        json.put("b64_png", base64(preview.file().bytes()));
        return json;
    }

    static Map<String, Object> drawing(String id, Drawing drawing) {
        List<Map<String, Object>> pictures = new ArrayList<>();
        for (Drawing.Picture picture : drawing.pictures()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("b64_png", base64(picture.file().bytes()));
            json.put("seed", picture.seed());
            json.put("resolution", picture.resolution());
            json.put("copy_score", picture.copyScore());
            json.put("gallery_id", picture.galleryId());
            pictures.add(json);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id);
        json.put("pictures", pictures);
        json.put("neighbors", neighbors(drawing.neighbors()));
        json.put("millis", drawing.millis());
        return json;
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
