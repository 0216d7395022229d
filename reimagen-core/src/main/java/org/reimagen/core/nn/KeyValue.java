package org.reimagen.core.nn;

import static org.reimagen.core.tensor.Ops.cat;

import org.bytedeco.pytorch.Tensor;

/**
 * Keys and values of one attention layer, computed once per picture and read at every sampling step.
 *
 * @param k keys {@code [B,L,C]}
 * @param v values {@code [B,L,C]}
 */
public record KeyValue(Tensor k, Tensor v) {
    /** These tokens first, then the others. */
    public KeyValue then(Tensor otherK, Tensor otherV) {
        return new KeyValue(cat(1, k, otherK), cat(1, v, otherV));
    }

    /** The batch repeated {@code times} times: {@code [times*B,L,C]}. */
    public KeyValue tile(long times) {
        return new KeyValue(tile(k, times), tile(v, times));
    }

    private static Tensor tile(Tensor x, long times) {
        return x.size(0) == 1 ? x.expand(times, x.size(1), x.size(2)) : x.repeat(times, 1, 1);
    }

    /** The rows {@code rows [R] int64} of the batch: {@code [R,L,C]}. */
    public KeyValue select(Tensor rows) {
        return new KeyValue(k.index_select(0, rows), v.index_select(0, rows));
    }
}
