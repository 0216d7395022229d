package org.reimagen.core.model;

import static org.reimagen.core.tensor.Ops.cat;
import static org.reimagen.core.tensor.Ops.scalar;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.nn.KeyValue;
import org.reimagen.core.nn.ReadingRows;

/**
 * All that the network reads besides x_t and t, projected once per picture and the same at every sampling step.
 *
 * @param pooled {@code [B,E]} embedded pooled text
 * @param pooledNull {@code [E]} what stands in for it where the text is dropped
 * @param textMask {@code [B,L]} bool
 * @param textKeep {@code [B]} bool, false where the text is dropped
 * @param text attention layer → the text's keys and values, the learned null first
 * @param neighbors attention layer → the neighbours' keys and values, the learned null first
 * @param logWeights {@code [B,K]} float32 weights of the neighbours, -inf where dropped
 * @param blend {@code [B,C,H',W']} what the mean of the neighbours' pictures adds to the stem, 0 where they are dropped; empty
 *     in a network that does not look at it
 */
public record Conditioning(
        Tensor pooled,
        Tensor pooledNull,
        Tensor textMask,
        Tensor textKeep,
        Map<String, KeyValue> text,
        Map<String, KeyValue> neighbors,
        Tensor logWeights,
        Optional<Tensor> blend) {

    /** Keys and values of the text for the attention layer {@code name}. */
    KeyValue text(String name) {
        return Objects.requireNonNull(text.get(name), name);
    }

    /** Keys and values of the neighbours for the attention layer {@code name}. */
    KeyValue neighbors(String name) {
        return Objects.requireNonNull(neighbors.get(name), name);
    }

    /** Pooled text where it is kept, the learned null elsewhere: {@code [B,E]}. */
    Tensor pooledOrNull() {
        return torch.where(textKeep.unsqueeze(1), pooled, pooledNull.to(pooled.scalar_type()));
    }

    /** Which rows read neighbours. */
    ReadingRows readingRows() {
        return new ReadingRows(logWeights);
    }

    /**
     * What is added to the text's attention logits: {@code [B,1,1,1+L]}, 0 or -inf; the null is always read. None where every token
     * is.
     */
    Optional<Tensor> textBias() {
        Tensor seen = textMask.logical_and(textKeep.unsqueeze(1));
        if (seen.all().item_bool()) {
            return Optional.empty();
        }
        Tensor bias =
                logWeights.new_zeros(seen.shape()).masked_fill(seen.logical_not(), scalar(Double.NEGATIVE_INFINITY));
        return Optional.of(
                cat(1, bias.new_zeros(bias.size(0), 1), bias).unsqueeze(1).unsqueeze(2));
    }

    /** The batch repeated {@code times} times, row after row of the whole batch. */
    public Conditioning tile(long times) {
        return new Conditioning(
                pooled.repeat(times, 1),
                pooledNull,
                textMask.repeat(times, 1),
                textKeep.repeat(times),
                tile(text, times),
                tile(neighbors, times),
                logWeights.repeat(times, 1),
                blend.map(h -> h.repeat(times, 1, 1, 1)));
    }

    private static Map<String, KeyValue> tile(Map<String, KeyValue> all, long times) {
        return all.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().tile(times)));
    }

    /**
     * The rows {@code rows [R] int64} of the batch, in that order, any of them more than once.
     */
    public Conditioning select(Tensor rows) {
        return new Conditioning(
                pooled.index_select(0, rows),
                pooledNull,
                textMask.index_select(0, rows),
                textKeep.index_select(0, rows),
                select(text, rows),
                select(neighbors, rows),
                logWeights.index_select(0, rows),
                blend.map(h -> h.index_select(0, rows)));
    }

    private static Map<String, KeyValue> select(Map<String, KeyValue> all, Tensor rows) {
        return all.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().select(rows)));
    }

    /**
     * The same conditioning with text or neighbours dropped, row by row.
     *
     * @param keepText {@code [B]} bool
     * @param keepNeighbors {@code [B]} bool
     */
    public Conditioning keeping(Tensor keepText, Tensor keepNeighbors) {
        Tensor dropped = keepNeighbors.logical_not().unsqueeze(1);
        return new Conditioning(
                pooled,
                pooledNull,
                textMask,
                textKeep.logical_and(keepText),
                text,
                neighbors,
                logWeights.masked_fill(dropped, scalar(Double.NEGATIVE_INFINITY)),
                blend.map(h -> h.masked_fill(dropped.unsqueeze(2).unsqueeze(3), scalar(0))));
    }
}
