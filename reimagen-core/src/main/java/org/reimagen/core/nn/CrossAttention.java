package org.reimagen.core.nn;

import static org.reimagen.core.nn.Attention.attention;
import static org.reimagen.core.tensor.Ops.cat;
import static org.reimagen.core.tensor.Ops.pixels;
import static org.reimagen.core.tensor.Ops.tokens;

import java.util.Optional;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Attention from every place of a picture to tokens that are no places of it: those of a text, or of neighbours.
 *
 * <p>There is no attention between places, and every place is normalised by itself: a crop reads as the whole picture does. A
 * learned null comes first, so that no tokens at all are a valid input. The output starts at zero: a network is unchanged by
 * adding this layer. <b>Source</b>: Imagen, arXiv 2205.11487, appendix B; Re-Imagen, arXiv 2209.14491, section 3.2.
 */
public final class CrossAttention extends Module {
    private final int headDim;
    private final LayerNormImpl norm;
    private final LayerNormImpl normKey;
    private final LayerNormImpl normValue;
    private final LinearImpl q;
    private final LinearImpl k;
    private final LinearImpl v;
    private final Tensor nullKv;
    private final LinearImpl out;

    /** Builds the layer for {@code channels}, a multiple of {@code headDim}, and tokens of the given channels. */
    public CrossAttention(long channels, long keyChannels, long valueChannels, int headDim) {
        this.headDim = headDim;
        norm = register_module("norm", Layers.pixelNorm(channels));
        normKey = register_module("norm_key", Layers.pixelNorm(keyChannels));
        normValue = register_module("norm_value", Layers.pixelNorm(valueChannels));
        q = register_module("q", new LinearImpl(channels, channels));
        k = register_module("k", new LinearImpl(keyChannels, channels));
        v = register_module("v", new LinearImpl(valueChannels, channels));
        nullKv = Layers.parameter(this, "null_kv", 2, channels);
        out = register_module("out", Layers.zeroed(new LinearImpl(channels, channels)));
    }

    /**
     * Keys and values of tokens.
     *
     * <p><b>Shape</b> {@code keys [N,T,C'], values [N,T,C''] -> [N,T,C]}.
     *
     * @param positions {@code [1,T,C']} of the tokens, null for tokens without place
     */
    public KeyValue project(Tensor keys, Tensor values, @Nullable Tensor positions) {
        Tensor normed = normKey.forward(keys);
        return new KeyValue(
                k.forward(positions == null ? normed : normed.add(positions)), v.forward(normValue.forward(values)));
    }

    /**
     * {@code x} plus what it reads.
     *
     * <p><b>Shape</b> {@code x [B,C,H,W] -> [B,C,H,W]}.
     *
     * @param read keys and values {@code [B,L,C]}, the null not among them
     * @param bias {@code [B,L]} float32: 0 reads a token, log w weights it by w, -inf removes it exactly
     * @param positions {@code [B,H*W,C]} of the places, null if their order does not matter
     */
    public Tensor forward(Tensor x, KeyValue read, Tensor bias, @Nullable Tensor positions) {
        Tensor places = tokens(Layers.byPixel(norm, x));
        Tensor queries = q.forward(positions == null ? places : places.add(positions));
        KeyValue all = new KeyValue(nullToken(0, read), nullToken(1, read)).then(read.k(), read.v());
        Tensor padded =
                cat(1, bias.new_zeros(bias.size(0), 1), bias).unsqueeze(1).unsqueeze(2);
        return x.add(pixels(out.forward(attention(queries, all.k(), all.v(), Optional.of(padded), headDim)), x));
    }

    private Tensor nullToken(long which, KeyValue like) {
        Tensor k = like.k();
        return nullKv.select(0, which).expand(k.size(0), 1, nullKv.size(1)).to(k.scalar_type());
    }
}
