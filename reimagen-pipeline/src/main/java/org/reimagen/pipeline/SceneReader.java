package org.reimagen.pipeline;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.Conditioning;
import org.reimagen.core.model.Flops;
import org.reimagen.core.model.NeighborFeatures;
import org.reimagen.core.model.NeighborInput;
import org.reimagen.core.model.TextInput;
import org.reimagen.core.model.UNet;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.encoder.EncodedText;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.BaseStage.Reference;
import org.reimagen.pipeline.BaseStage.Scene;

/**
 * Makes scenes into what one network reads: each text and each reference is encoded once, whoever shares it.
 *
 * <p><b>Owns</b>: the network; the encoder stays the caller's.
 */
final class SceneReader implements AutoCloseable {
    private final UNet net;
    private final StageConfig config;
    private final TextEncoder encoder;
    private final int side;

    /**
     * Scenes as {@code net} reads them.
     *
     * @param side of the references' pictures in pixels, a multiple of the network's own resolution, to which they are brought down
     */
    SceneReader(UNet net, StageConfig config, TextEncoder encoder, int side) {
        this.net = net;
        this.config = config;
        this.encoder = encoder;
        this.side = side;
        Weights.channelsLast(net);
    }

    /** How many times smaller than the references' pictures those are that the network draws, a side. */
    int factor() {
        return side / config.resolution();
    }

    /** The earliest time at which the network draws. */
    double fromTime() {
        return config.fromTime();
    }

    /** Operations of one evaluation for one picture, in billions. */
    double forwardGflop() {
        return new Flops(config.unet(), config.resolution()).forward() / 1e9;
    }

    /** The network under the scenes' conditions, row by row. <b>Owns</b>: the innermost open scope. */
    UNetModel read(List<Scene> scenes) {
        Conditioning conditioning = condition(scenes);
        if (!hasNegative(scenes)) {
            return new UNetModel(net, conditioning);
        }
        boolean[] negative = new boolean[scenes.size()];
        for (int i = 0; i < negative.length; i++) {
            negative[i] = !scenes.get(i).negativePrompt().isBlank();
        }
        return new UNetModel(net, conditioning, negative);
    }

    /** The scenes' condition; where one has a negative prompt, that of the negative prompts follows, row by row. */
    private Conditioning condition(List<Scene> scenes) {
        Map<Reference, Integer> rows = new LinkedHashMap<>();
        scenes.forEach(s -> s.references().forEach(r -> rows.putIfAbsent(r.neutral(), rows.size())));
        int k = scenes.stream().mapToInt(s -> s.references().size()).max().orElse(0);
        List<Scene> read = new ArrayList<>(scenes);
        List<String> texts = new ArrayList<>(scenes.stream().map(Scene::prompt).toList());
        if (hasNegative(scenes)) {
            read.addAll(scenes);
            scenes.forEach(s -> texts.add(s.negativePrompt()));
        }
        long[] index = new long[read.size() * k];
        float[] logWeights = new float[read.size() * k];
        Arrays.fill(logWeights, Float.NEGATIVE_INFINITY);
        for (int b = 0; b < read.size(); b++) {
            List<Reference> references = read.get(b).references();
            for (int j = 0; j < references.size(); j++) {
                Reference reference = references.get(j);
                index[b * k + j] = Objects.requireNonNull(rows.get(reference.neutral()));
                logWeights[b * k + j] = (float) Math.log(reference.weight());
            }
        }
        NeighborInput neighbors = new NeighborInput(
                encode(List.copyOf(rows.keySet())),
                Ops.longs(index, read.size(), k),
                Ops.floats(logWeights, read.size(), k));
        return net.condition(text(texts), neighbors);
    }

    /** Pictures of {@code size} pixels a side as {@code [N,3,size,size]}. */
    static Tensor pixels(List<BufferedImage> pictures, int size) {
        float[] pixels = new float[pictures.size() * 3 * size * size];
        for (int i = 0; i < pictures.size(); i++) {
            float[] one = Pictures.toChw(pictures.get(i));
            if (one.length != 3 * size * size) {
                throw new IllegalArgumentException("a reference must be %d x %d pixels".formatted(size, size));
            }
            System.arraycopy(one, 0, pixels, i * one.length, one.length);
        }
        return Ops.channelsLast(Ops.floats(pixels, pictures.size(), 3, size, size));
    }

    private static boolean hasNegative(List<Scene> scenes) {
        return scenes.stream().anyMatch(s -> !s.negativePrompt().isBlank());
    }

    /** Features of all references; with none, of a blank picture that nobody reads but that gives the features a shape. */
    private NeighborFeatures encode(List<Reference> references) {
        if (references.isEmpty()) {
            int size = config.resolution();
            return net.encodeNeighbors(Ops.channelsLast(torch.zeros(1, 3, size, size)), text(List.of("nothing")));
        }
        Tensor pictures = pixels(references.stream().map(Reference::picture).toList(), side);
        return net.encodeNeighbors(
                factor() == 1 ? pictures : Ops.channelsLast(torch.avg_pool2d(pictures, factor(), factor())),
                text(references.stream().map(Reference::caption).toList()));
    }

    private TextInput text(List<String> texts) {
        List<EncodedText> encoded = texts.stream().map(encoder::encode).toList();
        return TextInput.pad(
                encoded.stream().map(EncodedText::states).toList(),
                encoded.stream().map(EncodedText::pooled).toList(),
                encoder.dim());
    }

    @Override
    public void close() {
        net.close();
    }
}
