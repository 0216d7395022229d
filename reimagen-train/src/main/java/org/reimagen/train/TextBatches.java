package org.reimagen.train;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.model.TextInput;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.encoder.EncodedText;
import org.reimagen.knowledge.encoder.TextEncoder;

/** Captions as padded tensors. */
final class TextBatches {
    private TextBatches() {}

    /** All captions, those with a true flag dropped. */
    static TextInput of(TextEncoder encoder, List<String> captions, List<Boolean> drop) {
        return of(encoder.dim(), captions.stream().map(encoder::encode).toList(), drop);
    }

    /** All texts, each of states with {@code dim} channels, those with a true flag dropped. */
    static TextInput of(int dim, List<EncodedText> encoded, List<Boolean> drop) {
        TextInput all = TextInput.pad(
                encoded.stream().map(EncodedText::states).toList(),
                encoded.stream().map(EncodedText::pooled).toList(),
                dim);
        boolean[] keep = new boolean[encoded.size()];
        for (int i = 0; i < keep.length; i++) {
            keep[i] = !drop.get(i);
        }
        Tensor kept = Ops.booleans(keep, keep.length);
        return new TextInput(all.states(), all.mask(), all.pooled(), kept);
    }
}
