package org.reimagen.knowledge.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.draw.PillowBicubic;

/**
 * How a CLIP is shown a picture: short side resized by Pillow's bicubic on bytes, centre cut out, scaled, mean and deviation taken off.
 *
 * <p><b>Source</b>: CLIPImageProcessor of Hugging Face transformers, whose {@code preprocessor_config.json} is read.
 *
 * @param shortSide pixels of the short side after resizing
 * @param crop side of the square that is cut out of the middle, at most {@code shortSide}
 * @param mean of red, green and blue, in [0,1]
 * @param deviation likewise, above 0
 */
record ClipPreprocessing(int shortSide, int crop, List<Double> mean, List<Double> deviation) {
    private static final int BICUBIC = 3;
    private static final int CHANNELS = 3;
    private static final int LARGEST = 2048;
    private static final double BYTE = 1 / 255.0;

    ClipPreprocessing {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        require(shortSide > 0 && shortSide <= LARGEST, "size must be 1 to " + LARGEST);
        require(crop > 0 && crop <= shortSide, "crop_size must be 1 to size");
        require(mean.size() == CHANNELS, "image_mean must be three numbers");
        require(
                deviation.size() == CHANNELS && deviation.stream().allMatch(d -> d > 0),
                "image_std must be three numbers above 0");
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new KnowledgeException(rule);
        }
    }

    /**
     * As a file says.
     *
     * @throws KnowledgeException naming the file and the field that is missing or asks for what is not done here
     */
    static ClipPreprocessing read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new KnowledgeException(file + ": no such file");
        }
        try {
            return of(new ObjectMapper().readTree(Files.readAllBytes(file)));
        } catch (KnowledgeException e) {
            throw new KnowledgeException(file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new KnowledgeException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static ClipPreprocessing of(JsonNode json) {
        for (String step : List.of("do_resize", "do_center_crop", "do_normalize")) {
            require(json.path(step).asBoolean(true), step + " must be true");
        }
        require(json.path("do_rescale").asBoolean(true), "do_rescale must be true");
        require(Math.abs(json.path("rescale_factor").asDouble(BYTE) - BYTE) < 1e-6, "rescale_factor must be 1/255");
        require(json.path("resample").asInt(BICUBIC) == BICUBIC, "resample must be 3, bicubic");
        JsonNode crop = json.path("crop_size");
        require(
                !crop.isObject()
                        || crop.path("height").asInt() == crop.path("width").asInt(),
                "crop_size must be a square");
        return new ClipPreprocessing(
                side(json.path("size"), "shortest_edge"),
                side(crop, "height"),
                numbers(json.path("image_mean")),
                numbers(json.path("image_std")));
    }

    private static int side(JsonNode size, String field) {
        return size.isObject() ? size.path(field).asInt() : size.asInt();
    }

    private static List<Double> numbers(JsonNode array) {
        return array.valueStream().map(JsonNode::asDouble).toList();
    }

    /** {@code [3*crop*crop]}, channel by channel, of a picture of any size, transparency shown as white. */
    float[] pixels(BufferedImage picture) {
        BufferedImage rgb = Pictures.on(Color.WHITE, picture);
        int w = rgb.getWidth();
        int h = rgb.getHeight();
        int width = w <= h ? shortSide : (int) ((long) shortSide * w / h);
        int height = h <= w ? shortSide : (int) ((long) shortSide * h / w);
        if ((long) width * height > Pictures.MAX_PIXELS) {
            throw new KnowledgeException("a picture of %d x %d pixels is too long for a CLIP".formatted(w, h));
        }
        PillowBicubic bicubic = new PillowBicubic(w, h, width, height);
        int[] source = rgb.getRGB(0, 0, w, h, null, 0, w);
        int left = (width - crop) / 2;
        int top = (height - crop) / 2;
        float[] pixels = new float[CHANNELS * crop * crop];
        for (int c = 0; c < CHANNELS; c++) {
            int shift = 16 - 8 * c;
            int[] channel = new int[source.length];
            for (int i = 0; i < source.length; i++) {
                channel[i] = source[i] >> shift & 255;
            }
            int[] resized = bicubic.resize(channel);
            for (int y = 0; y < crop; y++) {
                for (int x = 0; x < crop; x++) {
                    float value = (float) (resized[(top + y) * width + left + x] * BYTE);
                    pixels[(c * crop + y) * crop + x] = (value - mean.get(c).floatValue())
                            / deviation.get(c).floatValue();
                }
            }
        }
        return pixels;
    }
}
