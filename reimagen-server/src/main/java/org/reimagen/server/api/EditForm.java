package org.reimagen.server.api;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.reimagen.server.http.ApiException;
import org.reimagen.server.http.Json;

/** The fields of a multipart form as the JSON body they stand for. */
final class EditForm {
    private static final Set<String> WHOLE =
            Set.of("n", "output_compression", "partial_images", "knn", "num_inference_steps", "candidates", "seed");
    private static final Set<String> REAL = Set.of(
            "strength",
            "smoothing",
            "background_tolerance",
            "guidance_scale",
            "neighbor_guidance_scale",
            "guidance_ratio",
            "guidance_from",
            "guidance_rescale");

    private EditForm() {}

    /** The body; {@code input_fidelity} is accepted and not read. */
    static ImagesBody body(Map<String, Object> form) {
        Map<String, Object> json = new LinkedHashMap<>();
        form.forEach((name, value) -> {
            if (!name.equals("input_fidelity")) {
                json.put(name, value(name, String.valueOf(value)));
            }
        });
        return Json.read(Json.write(json), ImagesBody.class);
    }

    private static Object value(String name, String text) {
        try {
            if (WHOLE.contains(name)) {
                return Long.parseLong(text);
            }
            if (REAL.contains(name)) {
                return Double.parseDouble(text);
            }
        } catch (NumberFormatException e) {
            throw ApiException.invalid(name, name + " must be a number");
        }
        return name.equals("stream") ? (Object) text.equals("true") : text;
    }
}
