package org.reimagen.core.nn;

import java.util.Optional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.reimagen.core.tensor.Ops;

/**
 * Multi-head scaled dot-product attention: softmax(q kᵀ / √d + bias) v.
 *
 * <p>In mixed precision it is written out, in bfloat16: the engine's fused kernel takes up to twice as long at the sizes of these
 * networks, forth and back. Otherwise the fused kernel computes it in float32. <b>Source</b>: Vaswani et al., arXiv 1706.03762, equation 1.
 */
final class Attention {
    private Attention() {}

    /**
     * What every query reads.
     *
     * <p><b>Shape</b> {@code q [B,Q,C], k [B,L,C], v [B,L,C], bias [B,1,1,L] -> [B,Q,C]}, bfloat16 in mixed precision, float32 otherwise.
     *
     * @param bias 0, log-weights or -inf, added to the logits; none where it would be 0 throughout, which takes less time
     */
    static Tensor attention(Tensor q, Tensor k, Tensor v, Optional<Tensor> bias, int headDim) {
        return torch.is_autocast_enabled(DeviceType.CPU)
                ? writtenOut(q, k, v, bias, headDim)
                : fused(q, k, v, bias, headDim);
    }

    private static Tensor writtenOut(Tensor q, Tensor k, Tensor v, Optional<Tensor> bias, int headDim) {
        torch.set_autocast_enabled(DeviceType.CPU, false); // it would take the softmax to float32
        try {
            Tensor scaled = Ops.scale(q.to(ScalarType.BFloat16), 1 / Math.sqrt(headDim));
            Tensor qh = rows(scaled, headDim); // [B*heads,Q,headDim]
            Tensor keys = rows(k.to(ScalarType.BFloat16), headDim).transpose(1, 2);
            long heads = q.size(2) / headDim;
            Tensor logits = bias.map(b -> torch.baddbmm(everyHead(b, heads), qh, keys))
                    .orElseGet(() -> qh.bmm(keys)); // [B*heads,Q,L]
            Tensor read = logits.softmax(2).bmm(rows(v.to(ScalarType.BFloat16), headDim));
            return read.unflatten(0, -1, heads).transpose(1, 2).flatten(2, 3); // [B,Q,C]
        } finally {
            torch.set_autocast_enabled(DeviceType.CPU, true);
        }
    }

    /** Every head a row of the batch: {@code [B,L,C] -> [B*heads,L,headDim]}. */
    private static Tensor rows(Tensor x, int headDim) {
        return heads(x, headDim).flatten(0, 1);
    }

    /** {@code [B,1,1,L] -> [B*heads,1,L] bfloat16}. */
    private static Tensor everyHead(Tensor bias, long heads) {
        return bias.to(ScalarType.BFloat16)
                .expand(bias.size(0), heads, 1, bias.size(3))
                .flatten(0, 1);
    }

    private static Tensor fused(Tensor q, Tensor k, Tensor v, Optional<Tensor> bias, int headDim) {
        Tensor qh = heads(q.to(ScalarType.Float), headDim);
        TensorOptional mask = bias.map(b -> new TensorOptional(b.expand(b.size(0), qh.size(1), qh.size(2), b.size(3))))
                .orElseGet(TensorOptional::new);
        Tensor h = torch.scaled_dot_product_attention(
                qh,
                heads(k.to(ScalarType.Float), headDim),
                heads(v.to(ScalarType.Float), headDim),
                mask,
                0.0,
                false,
                new DoubleOptional(),
                false);
        return h.transpose(1, 2).flatten(2, 3); // [B,Q,C]
    }

    private static Tensor heads(Tensor x, int headDim) {
        return x.unflatten(2, -1, headDim).transpose(1, 2); // [B,heads,L,headDim]
    }
}
