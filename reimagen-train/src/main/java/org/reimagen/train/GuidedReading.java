package org.reimagen.train;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.model.SuperResolutionConditioning;
import org.reimagen.core.model.SuperResolutionUNet;
import org.reimagen.core.model.TextInput;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.encoder.EncodedText;
import org.reimagen.train.data.GuidedCrops;

/**
 * What a super-resolution network reads of a batch: captions, and those pictures of the batch that are anyone's neighbours,
 * each encoded once.
 */
final class GuidedReading {
    private final GuidedCrops batch;
    private final List<EncodedText> texts;
    private final int dim;

    /**
     * A reading of {@code batch}, on the heap.
     *
     * @param texts its captions, encoded
     * @param dim of their states
     */
    GuidedReading(GuidedCrops batch, List<EncodedText> texts, int dim) {
        this.batch = batch;
        this.texts = texts;
        this.dim = dim;
    }

    /** {@code [B,3]} where the crops lie. */
    Tensor places() {
        return Ops.floats(batch.places(), batch.captions().size(), 3);
    }

    /** With its graph. <b>Owns</b>: the innermost open scope. */
    SuperResolutionConditioning of(SuperResolutionUNet net, int factor) {
        return net.condition(TextBatches.of(dim, texts, batch.dropText()), neighbors(net, factor));
    }

    private SuperResolutionConditioning.@Nullable Read neighbors(SuperResolutionUNet net, int factor) {
        Map<Long, Integer> seen = seen();
        if (seen.isEmpty()) {
            return null;
        }
        int b = batch.captions().size();
        int side = batch.pictures().side();
        int each = 3 * side * side;
        float[] pixels = new float[seen.size() * each];
        seen.forEach((picture, row) ->
                System.arraycopy(batch.pictures().large(), Math.toIntExact(picture * each), pixels, row * each, each));
        long[] index = new long[batch.index().length];
        for (int i = 0; i < index.length; i++) {
            index[i] = seen.getOrDefault(batch.index()[i], 0);
        }
        List<EncodedText> captions =
                seen.keySet().stream().map(i -> texts.get(i.intValue())).toList();
        TextInput text =
                TextBatches.of(dim, captions, captions.stream().map(c -> false).toList());
        Tensor pictures = Ops.channelsLast(Ops.floats(pixels, seen.size(), 3, side, side));
        Tensor low = Ops.channelsLast(SuperResolutionUNet.blurred(pictures, factor));
        long k = index.length / b;
        return SuperResolutionUNet.read(
                net.encodeNeighbors(pictures, low, text), Ops.longs(index, b, k), Ops.floats(batch.logWeights(), b, k));
    }

    /** Pictures that some target reads, and their rows among the encoded ones. */
    private Map<Long, Integer> seen() {
        Map<Long, Integer> seen = new LinkedHashMap<>();
        long[] read = new long[batch.index().length];
        int n = 0;
        for (int i = 0; i < read.length; i++) {
            if (batch.logWeights()[i] > Float.NEGATIVE_INFINITY) {
                read[n++] = batch.index()[i];
            }
        }
        for (long picture : Arrays.copyOf(read, n)) {
            seen.putIfAbsent(picture, seen.size());
        }
        return seen;
    }
}
