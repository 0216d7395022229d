package org.reimagen.core.model;

import static org.bytedeco.pytorch.global.torch.silu;
import static org.reimagen.core.tensor.Ops.cat;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.nn.CrossAttention;
import org.reimagen.core.nn.KeyValue;
import org.reimagen.core.nn.Layers;
import org.reimagen.core.nn.PixelResBlock;
import org.reimagen.core.nn.Positions;
import org.reimagen.core.tensor.Ops;

/**
 * Predicts x_0 of a large picture x_t that it sees beside the enlarged small one.
 *
 * <p>Residual blocks only and no statistics over pixels: trained on crops, it draws whole pictures alike. What is diffused is
 * y = x_0 − low, what the enlarged picture lacks, which is small: with y_t = x_t − α·low and s its deviation, x_0 = low +
 * c_skip·y_t + c_out·F(c_in·y_t, low, t, level). Where its configuration names conditions, the middle of its lowest level reads
 * the text and the neighbours, which its own down-sampling half encodes at t = 0. <b>Source</b>: Efficient U-Net and noise conditioning augmentation, Imagen,
 * arXiv 2205.11487, section 2.4 and appendix B; neighbours, Re-Imagen, arXiv 2209.14491, section 3.2; c_in, c_skip and c_out, EDM, arXiv
 * 2206.00364, table 1. <b>Owns</b>: its
 * parameters; build it outside every scope.
 */
public final class SuperResolutionUNet extends Module {
    /** Submodules that read conditions; weights without them are the start of a network with them. */
    public static final List<String> READERS = List.of("text_attention", "neighbor_attention");

    private final SuperResolutionConfig config;
    private final LinearImpl timeIn;
    private final LinearImpl timeOut;
    private final Conv2dImpl stem;
    private final List<List<PixelResBlock>> encode = new ArrayList<>();
    private final List<List<PixelResBlock>> decode = new ArrayList<>();
    private final List<Conv2dImpl> down = new ArrayList<>();
    private final List<Conv2dImpl> up = new ArrayList<>();
    private final LayerNormImpl normOut;
    private final Conv2dImpl convOut;
    private final @Nullable CrossAttention textAttention;
    private final @Nullable CrossAttention neighborAttention;

    /** Builds the network; every residual path and the output start at zero. */
    public SuperResolutionUNet(SuperResolutionConfig config) {
        this.config = config;
        int e = config.embedDim();
        long pixels = (long) config.patch() * config.patch();
        List<Integer> c = config.channels();
        timeIn = register_module("time_in", new LinearImpl(2L * e, e));
        timeOut = register_module("time_out", new LinearImpl(e, e));
        stem = register_module("stem", Layers.conv(6 * pixels, c.getFirst(), 3, 1));
        for (int i = 0; i < c.size(); i++) {
            if (i > 0) {
                down.add(register_module("down_" + i, Layers.conv(c.get(i - 1), c.get(i), 3, 2)));
            }
            encode.add(blocks("encode_" + i, config.downBlocks().get(i), c.get(i), c.get(i)));
        }
        for (int i = 0; i < c.size(); i++) {
            decode.add(blocks("decode_" + i, config.upBlocks().get(i), 2 * c.get(i), c.get(i)));
            if (i > 0) {
                up.add(register_module("up_" + i, Layers.conv(c.get(i), c.get(i - 1), 3, 1)));
            }
        }
        ConditionsConfig reads = config.conditions();
        textAttention = reads == null ? null : register_module("text_attention", textAttention(config, reads));
        neighborAttention = reads == null || reads.neighbors() == 0
                ? null
                : register_module("neighbor_attention", neighborAttention(config, reads));
        normOut = register_module("norm_out", Layers.pixelNorm(c.getFirst()));
        convOut = register_module("conv_out", Layers.zeroed(Layers.conv(c.getFirst(), 3 * pixels, 3, 1)));
    }

    private static CrossAttention textAttention(SuperResolutionConfig config, ConditionsConfig reads) {
        return new CrossAttention(config.channels().getLast(), reads.textDim(), reads.textDim(), reads.headDim());
    }

    /** Values carry the next finer level's features too, as they do in the first stage. */
    private static CrossAttention neighborAttention(SuperResolutionConfig config, ConditionsConfig reads) {
        List<Integer> c = config.channels();
        int values = c.getLast() + 4 * c.get(c.size() - 2);
        return new CrossAttention(c.getLast(), c.getLast(), values, reads.headDim());
    }

    private List<PixelResBlock> blocks(String name, int count, int firstIn, int out) {
        List<PixelResBlock> blocks = new ArrayList<>();
        for (int j = 0; j < count; j++) {
            blocks.add(
                    register_module(name + "_" + j, new PixelResBlock(j == 0 ? firstIn : out, out, config.embedDim())));
        }
        return blocks;
    }

    /** The network's shape. */
    public SuperResolutionConfig config() {
        return config;
    }

    /**
     * Encodes N neighbours once, whole, at t = 0, with their own captions.
     *
     * <p><b>Shape</b> {@code pictures [N,3,S,S] in [-1,1], low [N,3,S,S] -> keys and values [N,F*F,C]}.
     *
     * @param low what {@link #blurred} makes of the pictures
     * @throws IllegalStateException if the network reads no neighbours
     */
    public KeyValue encodeNeighbors(Tensor pictures, Tensor low, TextInput captions) {
        CrossAttention attention = required(neighborAttention, "neighbours");
        Ops.checkShape("low", low, pictures.shape());
        checkSides(pictures);
        Tensor zero = pictures.new_zeros(pictures.size(0));
        SuperResolutionConditioning alone = condition(captions, null);
        List<Tensor> levels = new ArrayList<>();
        Tensor stemmed = stem.forward(stemInput(pictures, low, preconditioning(zero, zero)));
        Tensor feature = encode(stemmed, levels, embedding(zero, zero), alone, null);
        Tensor value = cat(1, feature, torch.pixel_unshuffle(levels.getLast(), 2));
        Tensor position = Positions.within(whole(1), (int) feature.size(2), (int) feature.size(1));
        return attention.project(Ops.tokens(feature), Ops.tokens(value), position);
    }

    /** Pictures {@code [N,3,S,S]} as a stage sees them enlarged from a {@code factor}-th of their side. */
    public static Tensor blurred(Tensor pictures, int factor) {
        return enlarge(torch.avg_pool2d(pictures, factor, factor), pictures.size(3));
    }

    /** The neighbours of each target among the encoded ones. */
    public static SuperResolutionConditioning.Read read(KeyValue encoded, Tensor index, Tensor logWeights) {
        Ops.checkShape("logWeights", logWeights, index.shape());
        long b = index.size(0);
        long tokens = encoded.k().size(1);
        Tensor bias = logWeights.unsqueeze(2).expand(b, index.size(1), tokens).reshape(b, index.size(1) * tokens);
        KeyValue picked = encoded.select(index.flatten()); // [B*K,F*F,C]
        long c = encoded.k().size(2);
        return new SuperResolutionConditioning.Read(
                new KeyValue(
                        picked.k().reshape(b, index.size(1) * tokens, c),
                        picked.v().reshape(b, index.size(1) * tokens, c)),
                bias);
    }

    /**
     * Projects the text, and joins it to the neighbours; done once per picture.
     *
     * @param neighbors what {@link #read} gave, null for no neighbours
     * @throws IllegalStateException if the network reads no text
     */
    public SuperResolutionConditioning condition(TextInput text, SuperResolutionConditioning.@Nullable Read neighbors) {
        KeyValue keys = required(textAttention, "text").project(text.states(), text.states(), null);
        Tensor seen = text.mask().logical_and(text.keep().unsqueeze(1));
        Tensor bias = torch.zeros(seen.shape()).masked_fill(seen.logical_not(), Ops.scalar(Double.NEGATIVE_INFINITY));
        boolean none = neighbors == null && neighborAttention != null;
        return new SuperResolutionConditioning(keys, bias, none ? nothing(text.states(), keys) : neighbors);
    }

    /** No neighbours, of which the learned null is read. */
    private static SuperResolutionConditioning.Read nothing(Tensor states, KeyValue like) {
        Tensor empty = like.k().narrow(1, 0, 0);
        return new SuperResolutionConditioning.Read(new KeyValue(empty, empty), states.new_zeros(states.size(0), 0));
    }

    private static CrossAttention required(@Nullable CrossAttention attention, String what) {
        if (attention == null) {
            throw new IllegalStateException("this network reads no " + what);
        }
        return attention;
    }

    /** The network's prediction of x_0 of whole pictures without conditions. */
    public Tensor forward(Tensor xt, Tensor t, Tensor low, Tensor level) {
        return forward(xt, t, low, level, null, null);
    }

    /**
     * The network's prediction of x_0.
     *
     * <p><b>Shape</b> {@code xt [B,3,H,W] float32, t [B] in [0,1], low [B,3,H,W] in [-1,1], level [B] in [0,1] ->
     * [B,3,H,W] float32}.
     *
     * @param low the small picture, noised to {@code level} of the cosine schedule, then enlarged ({@link #enlarge})
     * @param conditioning what else it reads, null for nothing
     * @param place {@code [B,3]} left edge, upper edge and side of the square that xt is, as shares of its picture's side; null
     *     for whole pictures
     */
    public Tensor forward(
            Tensor xt,
            Tensor t,
            Tensor low,
            Tensor level,
            @Nullable SuperResolutionConditioning conditioning,
            @Nullable Tensor place) {
        Ops.checkShape("t", t, xt.size(0));
        Ops.checkShape("level", level, xt.size(0));
        Ops.checkShape("low", low, xt.shape());
        checkSides(xt);
        Preconditioning c = preconditioning(t, level);
        Tensor embedding = embedding(t, level);
        List<Tensor> skips = new ArrayList<>();
        Tensor h = stem.forward(stemInput(xt, low, c));
        h = encode(h, skips, embedding, conditioning, place == null ? whole(xt.size(0)) : place);
        h = decode(h, skips, embedding);
        h = torch.pixel_shuffle(convOut.forward(silu(Layers.byPixel(normOut, h))), config.patch());
        Tensor residual = xt.sub(c.alpha.mul(low)); // y_t
        return low.add(c.skip.mul(residual)).add(c.out.mul(h.to(ScalarType.Float)));
    }

    private void checkSides(Tensor pictures) {
        if (pictures.size(2) % config.sizeMultiple() != 0 || pictures.size(3) % config.sizeMultiple() != 0) {
            throw new IllegalArgumentException("picture sides must be multiples of " + config.sizeMultiple());
        }
    }

    private static Tensor whole(long b) {
        return Ops.floats(new float[] {0, 0, 1}, 1, 3).expand(b, 3);
    }

    private Tensor embedding(Tensor t, Tensor level) {
        Tensor embedding = cat(1, Positions.time(t, config.embedDim()), Positions.time(level, config.embedDim()));
        return timeOut.forward(silu(timeIn.forward(embedding)));
    }

    private Tensor stemInput(Tensor xt, Tensor low, Preconditioning c) {
        Tensor residual = xt.sub(c.alpha.mul(low)); // y_t
        return torch.pixel_unshuffle(cat(1, residual.mul(c.in), low), config.patch());
    }

    /**
     * The down-sampling half.
     *
     * @param levels receives the features of every level that is finished
     * @param place of the squares, null to go up to the middle only, as neighbours do
     */
    private Tensor encode(
            Tensor stemmed,
            List<Tensor> levels,
            Tensor embedding,
            @Nullable SuperResolutionConditioning conditioning,
            @Nullable Tensor place) {
        Tensor h = stemmed;
        for (int i = 0; i < encode.size(); i++) {
            h = i == 0 ? h : down.get(i - 1).forward(h);
            for (int j = 0; j < encode.get(i).size(); j++) {
                h = encode.get(i).get(j).forward(h, embedding);
                if (conditioning != null && i == encode.size() - 1 && j == config.middle()) {
                    h = required(textAttention, "text").forward(h, conditioning.text(), conditioning.textBias(), null);
                    if (place == null) {
                        return h;
                    }
                    h = fuse(h, conditioning.neighbors(), place);
                }
            }
            levels.add(h);
        }
        return h;
    }

    private Tensor fuse(Tensor h, SuperResolutionConditioning.@Nullable Read neighbors, Tensor place) {
        if (neighbors == null) {
            return h;
        }
        if (h.size(2) != h.size(3)) {
            throw new IllegalArgumentException("pictures that read neighbours must be square");
        }
        Tensor positions = Positions.within(place, (int) h.size(2), (int) h.size(1));
        return required(neighborAttention, "neighbours").forward(h, neighbors.features(), neighbors.bias(), positions);
    }

    /** Each {@code [B,1,1,1]}. */
    private record Preconditioning(Tensor alpha, Tensor in, Tensor skip, Tensor out) {}

    /** The noise of the level, halved in variance by enlarging, adds to the variance of y. */
    private Preconditioning preconditioning(Tensor t, Tensor level) {
        Tensor angle = Ops.scale(t, Math.PI / 2).reshape(-1, 1, 1, 1);
        Tensor alpha = angle.cos();
        Tensor sigma = angle.sin();
        Tensor noise = Ops.scale(level, Math.PI / 2).sin().square().reshape(-1, 1, 1, 1);
        double s = config.residualDeviation();
        Tensor s2 = Ops.scale(noise, 0.5).add(Ops.scalar(s * s));
        Tensor variance = alpha.square().mul(s2).add(sigma.square());
        return new Preconditioning(
                alpha,
                variance.rsqrt(),
                alpha.mul(s2).div(variance),
                sigma.mul(s2.div(variance).sqrt()));
    }

    /** c_out {@code [B,1,1,1]}: the error of x_0 that one unit of the network's own error makes; the loss divides by it. */
    public Tensor outputScale(Tensor t, Tensor level) {
        return preconditioning(t, level).out;
    }

    private Tensor decode(Tensor middle, List<Tensor> skips, Tensor embedding) {
        Tensor h = middle;
        for (int i = decode.size() - 1; i >= 0; i--) {
            for (int j = 0; j < decode.get(i).size(); j++) {
                h = decode.get(i).get(j).forward(j == 0 ? cat(1, h, skips.get(i)) : h, embedding);
            }
            if (i > 0) {
                h = up.get(i - 1).forward(torch.upsample_nearest2d(h, 2 * h.size(2), 2 * h.size(3)));
            }
        }
        return h;
    }

    /** Bicubic enlargement {@code [B,3,h,w] -> [B,3,side,side]}, clipped to [-1,1]. */
    public static Tensor enlarge(Tensor low, long side) {
        Tensor large = torch.upsample_bicubic2d(low, new long[] {side, side}, false);
        return large.clamp(
                new org.bytedeco.pytorch.ScalarOptional(Ops.scalar(-1)),
                new org.bytedeco.pytorch.ScalarOptional(Ops.scalar(1)));
    }
}
