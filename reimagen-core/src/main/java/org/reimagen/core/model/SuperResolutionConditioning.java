package org.reimagen.core.model;

import static org.reimagen.core.tensor.Ops.scalar;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.nn.KeyValue;

/**
 * What a super-resolution network reads besides the pictures, projected once per picture and the same at every sampling step.
 *
 * @param text keys and values of the text {@code [B,L,C]}
 * @param textBias {@code [B,L]} float32, -inf where there is no token or the text is dropped
 * @param neighbors those of the neighbours, null for a network that reads the text alone
 */
public record SuperResolutionConditioning(
        KeyValue text, Tensor textBias, @Nullable Read neighbors) {
    /**
     * The neighbours of B targets.
     *
     * @param features keys and values {@code [B,K*F*F,C]}
     * @param bias {@code [B,K*F*F]} float32: log-weights, -inf where dropped
     */
    public record Read(KeyValue features, Tensor bias) {}

    /** The batch repeated {@code times} times, row after row of the whole batch. */
    public SuperResolutionConditioning tile(long times) {
        Read read =
                neighbors == null ? null : new Read(neighbors.features.tile(times), neighbors.bias.repeat(times, 1));
        return new SuperResolutionConditioning(text.tile(times), textBias.repeat(times, 1), read);
    }

    /**
     * The same with text or neighbours dropped, row by row.
     *
     * @param keepText {@code [B]} bool
     * @param keepNeighbors {@code [B]} bool
     */
    public SuperResolutionConditioning keeping(Tensor keepText, Tensor keepNeighbors) {
        Read read = neighbors == null ? null : new Read(neighbors.features, dropped(neighbors.bias, keepNeighbors));
        return new SuperResolutionConditioning(text, dropped(textBias, keepText), read);
    }

    private static Tensor dropped(Tensor bias, Tensor keep) {
        return bias.masked_fill(keep.logical_not().unsqueeze(1), scalar(Double.NEGATIVE_INFINITY));
    }
}
