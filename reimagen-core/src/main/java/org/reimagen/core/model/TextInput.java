package org.reimagen.core.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.reimagen.core.tensor.Ops;

/**
 * A batch of encoded texts.
 *
 * @param states {@code [B,L,D]} float32 token states of the frozen encoder, zero where padded
 * @param mask {@code [B,L]} bool, true where a token is
 * @param pooled {@code [B,D]} float32
 * @param keep {@code [B]} bool, false where the text is dropped and the learned null stands in
 */
public record TextInput(Tensor states, Tensor mask, Tensor pooled, Tensor keep) {
    /** Checks that the parts agree in size. */
    public TextInput {
        long b = states.size(0);
        Ops.checkShape("mask", mask, b, states.size(1));
        Ops.checkShape("pooled", pooled, b, states.size(2));
        Ops.checkShape("keep", keep, b);
    }

    /** All texts kept. */
    public static TextInput of(Tensor states, Tensor mask, Tensor pooled) {
        Tensor keep = torch.ones(states.size(0)).to(ScalarType.Bool);
        return new TextInput(states, mask, pooled, keep);
    }

    /** Pads {@code texts} (each {@code tokens x dim}, row-major) to the longest and stacks them. */
    public static TextInput pad(java.util.List<float[]> texts, java.util.List<float[]> pooled, int dim) {
        int b = texts.size();
        int longest = texts.stream().mapToInt(s -> s.length / dim).max().orElse(0);
        float[] states = new float[b * longest * dim];
        boolean[] mask = new boolean[b * longest];
        float[] pool = new float[b * dim];
        for (int i = 0; i < b; i++) {
            float[] text = texts.get(i);
            System.arraycopy(text, 0, states, i * longest * dim, text.length);
            java.util.Arrays.fill(mask, i * longest, i * longest + text.length / dim, true);
            System.arraycopy(pooled.get(i), 0, pool, i * dim, dim);
        }
        return of(Ops.floats(states, b, longest, dim), Ops.booleans(mask, b, longest), Ops.floats(pool, b, dim));
    }
}
