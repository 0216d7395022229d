package org.reimagen.core.model;

import static org.bytedeco.pytorch.global.torch.silu;
import static org.reimagen.core.tensor.Ops.cat;
import static org.reimagen.core.tensor.Ops.scale;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.GroupNormImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.nn.KeyValue;
import org.reimagen.core.nn.Layers;
import org.reimagen.core.nn.NeighborAttention;
import org.reimagen.core.nn.ReadingRows;
import org.reimagen.core.nn.ResBlock;
import org.reimagen.core.nn.TextAttention;

/**
 * The up-sampling half of the U-Net: fuses the neighbours' features and predicts v.
 *
 * <p><b>Source</b>: Re-Imagen, arXiv 2209.14491, section 3.2; skips scaled by 1/√2 as in Imagen's Efficient U-Net.
 */
public final class UStack extends Module {
    private static final double SKIP_SCALE = 1 / Math.sqrt(2);

    private final UNetConfig config;
    private final Map<String, ResBlock> blocks = new LinkedHashMap<>();
    private final Map<String, TextAttention> attentions = new LinkedHashMap<>();
    private final Map<String, NeighborAttention> fusions = new LinkedHashMap<>();
    private final Map<String, Integer> fusionLevels = new HashMap<>();
    private final Map<Integer, Conv2dImpl> ups = new HashMap<>();
    private final GroupNormImpl normOut;
    private final Conv2dImpl convOut;

    /** Builds the stack of {@code config}. */
    public UStack(UNetConfig config) {
        this.config = config;
        int last = config.lastLevel();
        addBlock(
                "mid_block", "mid_attn", "mid_neighbor", last, config.channels().get(last));
        for (int i = last; i >= 0; i--) {
            for (int j = 0; j < config.blocks().get(i); j++) {
                String at = "_%d_%d".formatted(i, j);
                addBlock(
                        "block" + at,
                        "attn" + at,
                        "neighbor" + at,
                        i,
                        2L * config.channels().get(i));
            }
            if (i > 0) {
                Conv2dImpl up =
                        Layers.conv(config.channels().get(i), config.channels().get(i - 1), 3, 1);
                ups.put(i, register_module("up_" + i, up));
            }
        }
        long first = config.channels().getFirst();
        long pixels = (long) config.imageChannels() * config.patch() * config.patch();
        normOut = register_module("norm_out", new GroupNormImpl(config.groups(), first));
        convOut = register_module("conv_out", Layers.zeroed(Layers.conv(first, pixels, 3, 1)));
    }

    private void addBlock(String block, String attention, String fusion, int level, long in) {
        int c = config.channels().get(level);
        blocks.put(block, register_module(block, new ResBlock(in, c, config.embedDim(), config.groups())));
        if (config.attention().get(level)) {
            TextAttention text = new TextAttention(c, config.embedDim(), config.headDim(), config.groups());
            attentions.put(attention, register_module(attention, text));
            NeighborAttention neighbors =
                    new NeighborAttention(c, config.valueChannels(level), config.headDim(), config.groups());
            fusions.put(fusion, register_module(fusion, neighbors));
            fusionLevels.put(fusion, level);
        }
    }

    /** The text's keys and values for every attention layer; {@code text [B,L,E]}. */
    Map<String, KeyValue> project(Tensor text) {
        Map<String, KeyValue> projected = new HashMap<>();
        attentions.forEach((name, attention) -> projected.put("ustack." + name, attention.project(text)));
        return projected;
    }

    /** The neighbours' keys and values for every fusion layer; {@code index [B,K]} into the N encoded ones. */
    Map<String, KeyValue> project(NeighborFeatures neighbors, Tensor index) {
        Map<String, KeyValue> projected = new HashMap<>();
        fusions.forEach((name, fusion) -> {
            Integer level = fusionLevels.get(name);
            Tensor feature = Objects.requireNonNull(neighbors.features().get(level));
            Tensor value = Objects.requireNonNull(neighbors.values().get(level));
            projected.put("ustack." + name, fusion.project(feature, value, index));
        });
        return projected;
    }

    /**
     * The prediction for x_t from its features, level by level, as {@link DStack#forward} made them.
     *
     * <p><b>Shape</b> {@code -> [B,3,H,W]}.
     */
    Tensor forward(List<List<Tensor>> levels, Tensor embedding, Conditioning conditioning, Optional<Tensor> textBias) {
        Step step = new Step(embedding, conditioning, textBias);
        Tensor h = step.apply(
                "mid_block", "mid_attn", "mid_neighbor", levels.getLast().getLast());
        for (int i = config.lastLevel(); i >= 0; i--) {
            List<Tensor> skips = levels.get(i);
            for (int j = 0; j < skips.size(); j++) {
                String at = "_%d_%d".formatted(i, j);
                Tensor skip = scale(skips.get(skips.size() - 1 - j), SKIP_SCALE);
                h = step.apply("block" + at, "attn" + at, "neighbor" + at, cat(1, h, skip));
            }
            h = up(i, h);
        }
        return torch.pixel_shuffle(convOut.forward(silu(Layers.groupNorm(normOut, h))), config.patch());
    }

    private Tensor up(int level, Tensor h) {
        Conv2dImpl conv = ups.get(level);
        if (conv == null) {
            return h;
        }
        return conv.forward(torch.upsample_nearest2d(h, 2 * h.size(2), 2 * h.size(3)));
    }

    /** One block with its attentions, under one embedding and conditioning. */
    private final class Step {
        private final Tensor embedding;
        private final Conditioning conditioning;
        private final Optional<Tensor> textBias;
        private final ReadingRows rows;

        Step(Tensor embedding, Conditioning conditioning, Optional<Tensor> textBias) {
            this.embedding = embedding;
            this.conditioning = conditioning;
            this.textBias = textBias;
            this.rows = conditioning.readingRows();
        }

        Tensor apply(String block, String attention, String fusion, Tensor x) {
            Tensor h = Objects.requireNonNull(blocks.get(block)).forward(x, embedding);
            TextAttention text = attentions.get(attention);
            NeighborAttention neighbors = fusions.get(fusion);
            if (text == null || neighbors == null) {
                return h;
            }
            h = text.forward(h, conditioning.text("ustack." + attention), textBias);
            return neighbors.forward(h, conditioning.neighbors("ustack." + fusion), rows);
        }
    }
}
