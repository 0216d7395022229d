package org.reimagen.core.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.nn.KeyValue;
import org.reimagen.core.nn.Layers;
import org.reimagen.core.nn.ResBlock;
import org.reimagen.core.nn.TextAttention;

/**
 * The down-sampling half of the U-Net: encodes x_t at time t, and every neighbour at t = 0.
 *
 * <p><b>Source</b>: Re-Imagen, arXiv 2209.14491, section 3.2.
 */
public final class DStack extends Module {
    private final UNetConfig config;
    private final Conv2dImpl stem;
    private final @Nullable Conv2dImpl blend;
    private final List<Level> levels = new ArrayList<>();
    private final Map<String, TextAttention> attentions = new LinkedHashMap<>();

    private record Level(List<Conv2dImpl> down, List<Block> blocks) {}

    private record Block(ResBlock residual, String attention) {}

    /** Builds the stack of {@code config}. */
    public DStack(UNetConfig config) {
        this.config = config;
        int patch = config.patch();
        stem = register_module(
                "stem",
                Layers.conv(
                        (long) config.imageChannels() * patch * patch,
                        config.channels().getFirst(),
                        3,
                        1));
        blend = config.blend() ? register_module("blend", blendStem(config)) : null;
        for (int i = 0; i < config.channels().size(); i++) {
            levels.add(level(i));
        }
    }

    /** Without bias and starting at zero: no neighbours add nothing, and neither does a network that has not learned it. */
    private static Conv2dImpl blendStem(UNetConfig config) {
        long pixels = (long) config.imageChannels() * config.patch() * config.patch();
        return Layers.zeroedWithoutBias(pixels, config.channels().getFirst(), 3);
    }

    private Level level(int i) {
        int c = config.channels().get(i);
        List<Conv2dImpl> down = new ArrayList<>();
        if (i > 0) {
            down.add(register_module("down_" + i, Layers.conv(config.channels().get(i - 1), c, 3, 2)));
        }
        List<Block> blocks = new ArrayList<>();
        for (int j = 0; j < config.blocks().get(i); j++) {
            ResBlock residual = register_module(
                    "block_%d_%d".formatted(i, j), new ResBlock(c, c, config.embedDim(), config.groups()));
            String name = "attn_%d_%d".formatted(i, j);
            if (config.attention().get(i)) {
                TextAttention attention = new TextAttention(c, config.embedDim(), config.headDim(), config.groups());
                attentions.put(name, register_module(name, attention));
            }
            blocks.add(new Block(residual, name));
        }
        return new Level(down, blocks);
    }

    /** The text's keys and values for every attention layer; {@code text [B,L,E]}. */
    Map<String, KeyValue> project(Tensor text) {
        Map<String, KeyValue> projected = new HashMap<>();
        attentions.forEach((name, attention) -> projected.put("dstack." + name, attention.project(text)));
        return projected;
    }

    /** What the mean of the neighbours' pictures adds to the stem: nothing, or {@code [B,3,H,W] -> [B,C,H/patch,W/patch]}. */
    Optional<Tensor> blend(NeighborInput neighbors) {
        return Optional.ofNullable(blend)
                .map(conv -> conv.forward(torch.pixel_unshuffle(neighbors.blend(), config.patch())));
    }

    /**
     * Features of every block, level by level.
     *
     * @param blended what {@link #blend} made of the neighbours; a neighbour itself has none
     *     <p><b>Shape</b> {@code x [B,3,H,W], embedding [B,E] -> levels x blocks x [B,C,H/(patch 2^level),...]}.
     */
    List<List<Tensor>> forward(
            Tensor x,
            Tensor embedding,
            Map<String, KeyValue> text,
            Optional<Tensor> textBias,
            Optional<Tensor> blended) {
        List<List<Tensor>> features = new ArrayList<>();
        Tensor h = stem.forward(torch.pixel_unshuffle(x, config.patch()));
        if (blended.isPresent()) {
            h = h.add(blended.get());
        }
        for (Level level : levels) {
            for (Conv2dImpl down : level.down) {
                h = down.forward(h);
            }
            List<Tensor> outputs = new ArrayList<>();
            for (Block block : level.blocks) {
                h = block.residual.forward(h, embedding);
                TextAttention attention = attentions.get(block.attention);
                if (attention != null) {
                    h = attention.forward(
                            h, java.util.Objects.requireNonNull(text.get("dstack." + block.attention)), textBias);
                }
                outputs.add(h);
            }
            features.add(outputs);
        }
        return features;
    }
}
