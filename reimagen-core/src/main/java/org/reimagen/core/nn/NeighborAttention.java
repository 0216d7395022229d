package org.reimagen.core.nn;

import static org.reimagen.core.nn.Attention.attention;
import static org.reimagen.core.tensor.Ops.pixels;
import static org.reimagen.core.tensor.Ops.tokens;

import org.bytedeco.pytorch.GroupNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Fusion: cross-attention from the features of x_t to all K·F·F features of the neighbours.
 *
 * <p>Keys are the neighbours' features at the same scale plus 2-D sine positions; values carry the next finer scale's
 * features too. A learned null comes first, so that zero neighbours are a valid input. The output starts at zero: a
 * text-only model is unchanged by adding this layer. <b>Source</b>: Re-Imagen, arXiv 2209.14491, section 3.2.
 */
public final class NeighborAttention extends Module {
    private final int headDim;
    private final GroupNormImpl norm;
    private final GroupNormImpl normKey;
    private final LinearImpl q;
    private final LinearImpl k;
    private final LinearImpl v;
    private final Tensor nullKv;
    private final LinearImpl out;

    /** Builds the layer for {@code channels} queries and keys and {@code valueChannels} values. */
    public NeighborAttention(long channels, long valueChannels, int headDim, long groups) {
        this.headDim = headDim;
        norm = register_module("norm", new GroupNormImpl(groups, channels));
        normKey = register_module("norm_key", new GroupNormImpl(groups, channels));
        q = register_module("q", new LinearImpl(channels, channels));
        k = register_module("k", new LinearImpl(channels, channels));
        v = register_module("v", new LinearImpl(valueChannels, channels));
        nullKv = Layers.parameter(this, "null_kv", 2, channels);
        out = register_module("out", Layers.zeroed(new LinearImpl(channels, channels)));
    }

    /**
     * Keys and values of each target's neighbours, the learned null first.
     *
     * <p><b>Shape</b> {@code feature [N,C,F,F], value [N,C',F,F], index [B,K] int64 in [0,N) -> [B,1+K*F*F,C] float32}, as the
     * attention reads them.
     */
    public KeyValue project(Tensor feature, Tensor value, Tensor index) {
        Tensor position = Positions.sine2d(feature.size(2), feature.size(1), feature);
        Tensor normed = tokens(Layers.groupNorm(normKey, feature));
        Tensor keys = k.forward(normed.add(position)).to(ScalarType.Float); // [N,F*F,C]
        Tensor values = v.forward(tokens(value)).to(ScalarType.Float);
        return new KeyValue(nullToken(0, index), nullToken(1, index)).then(gather(keys, index), gather(values, index));
    }

    private Tensor nullToken(long which, Tensor index) {
        return nullKv.select(0, which).expand(index.size(0), 1, nullKv.size(1));
    }

    private static Tensor gather(Tensor tokens, Tensor index) {
        Tensor picked = tokens.index_select(0, index.flatten()); // [B*K,F*F,C]
        return picked.reshape(index.size(0), index.size(1) * tokens.size(1), tokens.size(2));
    }

    /**
     * {@code x} plus what it read from its neighbours; a row that reads none reads the learned null.
     *
     * @param rows which rows of the batch read, and how much of each neighbour
     */
    public Tensor forward(Tensor x, KeyValue neighbors, ReadingRows rows) {
        long f = x.size(2);
        Tensor places = tokens(Layers.groupNorm(norm, rows.of(x))); // [R,F*F,C]
        Tensor queries = q.forward(places.add(Positions.sine2d(f, x.size(1), x)));
        KeyValue read = rows.of(neighbors);
        Tensor seen = out.forward(attention(queries, read.k(), read.v(), rows.bias(f * f), headDim));
        return x.add(pixels(rows.among(seen, () -> out.forward(nullKv.select(0, 1))), x));
    }
}
