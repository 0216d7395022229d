package org.reimagen.core.nn;

import static org.reimagen.core.nn.Attention.attention;
import static org.reimagen.core.tensor.Ops.cat;
import static org.reimagen.core.tensor.Ops.pixels;
import static org.reimagen.core.tensor.Ops.tokens;

import java.util.Optional;
import org.bytedeco.pytorch.GroupNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * Self-attention with the text's keys and values next to the picture's own.
 *
 * <p><b>Shape</b> {@code x [B,C,H,W], text [B,L,C] -> [B,C,H,W]}. <b>Source</b>: Imagen, arXiv
 * 2205.11487, appendix B.
 */
public final class TextAttention extends Module {
    private final int headDim;
    private final GroupNormImpl norm;
    private final LinearImpl qkv;
    private final LinearImpl textKv;
    private final LinearImpl out;

    /** Builds the layer for {@code channels}, a multiple of {@code headDim}. */
    public TextAttention(long channels, long embedDim, int headDim, long groups) {
        this.headDim = headDim;
        norm = register_module("norm", new GroupNormImpl(groups, channels));
        qkv = register_module("qkv", new LinearImpl(channels, 3 * channels));
        textKv = register_module("text_kv", new LinearImpl(embedDim, 2 * channels));
        out = register_module("out", Layers.zeroed(new LinearImpl(channels, channels)));
    }

    /** Keys and values of the text tokens {@code [B,L,E]}. */
    public KeyValue project(Tensor text) {
        TensorVector kv = textKv.forward(text).chunk(2, 2);
        return new KeyValue(kv.get(0), kv.get(1));
    }

    /**
     * {@code x} plus what it read from itself and from the text.
     *
     * @param textBias {@code [B,1,1,L]}, 0 or -inf; none where every token is read
     */
    public Tensor forward(Tensor x, KeyValue text, Optional<Tensor> textBias) {
        Tensor h = tokens(Layers.groupNorm(norm, x)); // [B,H*W,C]
        TensorVector parts = qkv.forward(h).chunk(3, 2);
        KeyValue both = new KeyValue(parts.get(1), parts.get(2)).then(text.k(), text.v());
        Optional<Tensor> bias = textBias.map(b -> cat(3, b.new_zeros(b.size(0), 1, 1, h.size(1)), b));
        Tensor read = attention(parts.get(0), both.k(), both.v(), bias, headDim);
        return x.add(pixels(out.forward(read), x));
    }
}
