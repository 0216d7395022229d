package org.reimagen.server.api;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reimagen.server.http.ApiException;

/**
 * What an OpenAI request asks for, checked.
 *
 * @param draw the same in our own words
 * @param format {@code png}, {@code jpeg} or {@code webp}
 * @param compression of a JPEG or WebP, 0 to 100, 100 is best; a WebP of 100 loses nothing
 * @param size as it was asked
 * @param url whether addresses are wanted, not the pictures themselves
 * @param partialImages how many unfinished pictures a stream shows, 0 to 3
 */
record ImagesOrder(
        DrawBody draw,
        String format,
        int compression,
        String size,
        String quality,
        boolean url,
        boolean stream,
        int partialImages) {
    private static final Map<String, Integer> STEPS =
            Map.of("auto", 20, "standard", 20, "medium", 20, "low", 8, "high", 40, "hd", 40);
    private static final Map<String, Integer> SIZES = Map.of("auto", 0, "64x64", 64, "256x256", 256, "1024x1024", 1024);

    /** Reads a body; {@code own} are pictures sent along, which are then the references unless {@code knn} is given. */
    static ImagesOrder of(ImagesBody body, List<DrawBody.Own> own) {
        String size = one("size", body.size(), "auto", SIZES.keySet().stream().toList());
        String quality =
                one("quality", body.quality(), "auto", STEPS.keySet().stream().toList());
        String format = one("output_format", body.outputFormat(), "png", List.of("png", "jpeg", "webp"));
        String reply = one("response_format", body.responseFormat(), "b64_json", List.of("b64_json", "url"));
        one("background", body.background(), "auto", List.of("auto", "opaque"));
        int compression = between("output_compression", body.outputCompression(), 100, 100);
        int partial = between("partial_images", body.partialImages(), 0, 3);
        boolean stream = Orders.or(body.stream(), false);
        DrawBody draw = new DrawBody(
                body.prompt(),
                body.negativePrompt(),
                body.knn() == null && !own.isEmpty() ? Integer.valueOf(0) : body.knn(),
                Orders.or(body.numInferenceSteps(), STEPS.getOrDefault(quality, 20)),
                body.strength(),
                body.candidates(),
                body.smoothing(),
                body.backgroundTolerance(),
                body.guidanceScale(),
                body.neighborGuidanceScale(),
                body.guidanceRatio(),
                body.guidanceFrom(),
                body.guidanceRescale(),
                body.seed(),
                body.n(),
                SIZES.get(size),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                own,
                stream,
                stream && partial > 0,
                false);
        return new ImagesOrder(draw, format, compression, size, quality, reply.equals("url"), stream, partial);
    }

    private static String one(String param, @Nullable String given, String otherwise, List<String> allowed) {
        String value = given == null ? otherwise : given.toLowerCase(Locale.ROOT);
        if (!allowed.contains(value)) {
            throw ApiException.invalid(
                    param,
                    param + " must be one of "
                            + String.join(", ", allowed.stream().sorted().toList()));
        }
        return value;
    }

    private static int between(String param, @Nullable Integer given, int otherwise, int most) {
        int value = given == null ? otherwise : given;
        if (value < 0 || value > most) {
            throw ApiException.invalid(param, param + " must be 0 to " + most);
        }
        return value;
    }
}
