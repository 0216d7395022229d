package org.reimagen.core.nn;

import static org.reimagen.core.tensor.Ops.attention;
import static org.reimagen.core.tensor.Ops.cat;
import static org.reimagen.core.tensor.Ops.pixels;
import static org.reimagen.core.tensor.Ops.tokens;

import org.bytedeco.pytorch.GroupNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;

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
     * <p><b>Shape</b> {@code feature [N,C,F,F], value [N,C',F,F], index [B,K] int64 in [0,N) -> [B,1+K*F*F,C]}.
     */
    public KeyValue project(Tensor feature, Tensor value, Tensor index) {
        Tensor position = Positions.sine2d(feature.size(2), feature.size(1), feature);
        Tensor keys = k.forward(tokens(normKey.forward(feature)).add(position)); // [N,F*F,C]
        Tensor values = v.forward(tokens(value));
        return new KeyValue(nullToken(0, keys, index), nullToken(1, keys, index))
                .then(gather(keys, index), gather(values, index));
    }

    private Tensor nullToken(long which, Tensor like, Tensor index) {
        return nullKv.select(0, which).expand(index.size(0), 1, nullKv.size(1)).to(like.scalar_type());
    }

    private static Tensor gather(Tensor tokens, Tensor index) {
        Tensor picked = tokens.index_select(0, index.flatten()); // [B*K,F*F,C]
        return picked.reshape(index.size(0), index.size(1) * tokens.size(1), tokens.size(2));
    }

    /**
     * {@code x} plus what it read from its neighbours.
     *
     * @param logWeights {@code [B,K]} float32: 0 reads a neighbour, log w weights it by w, -inf removes it exactly
     */
    public Tensor forward(Tensor x, KeyValue neighbors, Tensor logWeights) {
        long f = x.size(2);
        Tensor queries = q.forward(tokens(norm.forward(x)).add(Positions.sine2d(f, x.size(1), x)));
        Tensor read = attention(queries, neighbors.k(), neighbors.v(), bias(logWeights, f * f), headDim);
        return x.add(pixels(out.forward(read), x));
    }

    private static Tensor bias(Tensor logWeights, long cells) {
        long b = logWeights.size(0);
        long k = logWeights.size(1);
        Tensor each = logWeights.unsqueeze(2).expand(b, k, cells).reshape(b, 1, 1, k * cells);
        return cat(3, each.new_zeros(b, 1, 1, 1), each); // [B,1,1,1+K*F*F]
    }
}
