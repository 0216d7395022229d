package org.reimagen.core.nn;

import static org.reimagen.core.tensor.Ops.cat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.tensor.Ops;

/**
 * Which rows of a batch read neighbours, and how much of each: the others need no attention, they read the learned null.
 *
 * <p>Under guidance that is half of the batch. <b>Owns</b>: the innermost open scope. <b>Thread-safety</b>: immutable.
 */
public final class ReadingRows {
    private final int batch;
    private final long[] rows; // ascending
    private final Tensor logWeights; // [R,K]
    private final boolean weighted;

    /**
     * The rows that {@code logWeights} do not remove altogether; all of them where it removes all, so that every parameter takes part.
     *
     * @param logWeights {@code [B,K]} float32: 0 reads a neighbour, log w weights it by w, -inf removes it exactly
     */
    public ReadingRows(Tensor logWeights) {
        batch = Math.toIntExact(logWeights.size(0));
        int k = Math.toIntExact(logWeights.size(1));
        float[] values = Ops.toFloats(logWeights);
        List<Integer> reading = new ArrayList<>();
        boolean other = false;
        for (int b = 0; b < batch; b++) {
            boolean reads = false;
            boolean neutral = true;
            for (int i = b * k; i < (b + 1) * k; i++) {
                reads |= values[i] > Float.NEGATIVE_INFINITY;
                neutral &= values[i] == 0;
            }
            if (reads) {
                reading.add(b);
                other |= !neutral;
            }
        }
        boolean none = reading.isEmpty();
        rows = none
                ? LongStream.range(0, batch).toArray()
                : reading.stream().mapToLong(Integer::longValue).toArray();
        weighted = none ? k > 0 : other;
        this.logWeights = none ? logWeights : of(logWeights);
    }

    private boolean all() {
        return rows.length == batch;
    }

    /** The rows of {@code x [B,...]} that read: {@code [R,...]}, channels-last if {@code x} is a picture. */
    public Tensor of(Tensor x) {
        if (all()) {
            return x;
        }
        if (rows[rows.length - 1] == rows.length - 1) {
            return x.narrow(0, 0, rows.length);
        }
        Tensor picked = x.index_select(0, Ops.longs(rows, rows.length));
        return x.dim() == 4 ? Ops.channelsLast(picked) : picked;
    }

    /** What those rows read. */
    public KeyValue of(KeyValue neighbors) {
        return new KeyValue(of(neighbors.k()), of(neighbors.v()));
    }

    /**
     * What is added to their logits, the null first: none where every neighbour is read in full, {@code [R,1,1,1+K*cells]} elsewhere.
     *
     * @param cells of each neighbour
     */
    public Optional<Tensor> bias(long cells) {
        if (!weighted) {
            return Optional.empty();
        }
        long k = logWeights.size(1);
        Tensor each = logWeights.unsqueeze(2).expand(rows.length, k, cells).reshape(rows.length, 1, 1, k * cells);
        return Optional.of(cat(3, each.new_zeros(rows.length, 1, 1, 1), each));
    }

    /**
     * What was read, among rows that read nothing: {@code [R,L,C] -> [B,L,C]}.
     *
     * @param nothing what such a row gets in every place, {@code [C]}; asked only if there is one
     */
    public Tensor among(Tensor read, Supplier<Tensor> nothing) {
        if (all()) {
            return read;
        }
        long[] from = new long[batch];
        Arrays.fill(from, rows.length);
        for (int i = 0; i < rows.length; i++) {
            from[(int) rows[i]] = i;
        }
        Tensor one = nothing.get().expand(1, read.size(1), read.size(2)).to(read.scalar_type());
        return cat(0, read, one).index_select(0, Ops.longs(from, batch));
    }
}
