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
        List<EncodedText> encoded = captions.stream().map(encoder::encode).toList();
        TextInput all = TextInput.pad(
                encoded.stream().map(EncodedText::states).toList(),
                encoded.stream().map(EncodedText::pooled).toList(),
                encoder.dim());
        boolean[] keep = new boolean[captions.size()];
        for (int i = 0; i < keep.length; i++) {
            keep[i] = !drop.get(i);
        }
        Tensor kept = Ops.booleans(keep, keep.length);
        return new TextInput(all.states(), all.mask(), all.pooled(), kept);
    }
}
