package org.reimagen.pipeline;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.model.ConditionsConfig;
import org.reimagen.core.model.SuperResolutionConditioning;
import org.reimagen.core.model.SuperResolutionUNet;
import org.reimagen.core.model.TextInput;
import org.reimagen.core.nn.KeyValue;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.encoder.EncodedText;
import org.reimagen.knowledge.encoder.TextEncoder;

/** Makes a guide into what a super-resolution network reads; done once, whatever the number of pictures and steps. */
final class StageReader {
    private final SuperResolutionUNet net;
    private final SuperResolutionStageConfig config;
    private final @Nullable TextEncoder encoder;

    StageReader(SuperResolutionUNet net, SuperResolutionStageConfig config, @Nullable TextEncoder encoder) {
        this.net = net;
        this.config = config;
        this.encoder = encoder;
    }

    /** What one picture reads, null for a network that reads nothing. <b>Owns</b>: the innermost open scope. */
    @Nullable
    SuperResolutionConditioning read(StageGuide guide) {
        ConditionsConfig reads = config.network().conditions();
        if (reads == null) {
            return null;
        }
        List<BaseStage.Reference> references = guide.heaviest(reads.neighbors());
        SuperResolutionConditioning.Read neighbors = references.isEmpty() ? null : neighbors(references, reads);
        return net.condition(guide.prompt().isBlank() ? noText(reads) : text(List.of(guide.prompt())), neighbors);
    }

    private SuperResolutionConditioning.Read neighbors(List<BaseStage.Reference> references, ConditionsConfig reads) {
        int n = references.size();
        int side = reads.neighborResolution();
        float[] pixels = new float[n * 3 * side * side];
        float[] logWeights = new float[n];
        long[] index = new long[n];
        for (int i = 0; i < n; i++) {
            float[] one = Pictures.toChw(references.get(i).picture());
            if (one.length != 3 * side * side) {
                throw new IllegalArgumentException("a reference must be %d x %d pixels".formatted(side, side));
            }
            System.arraycopy(one, 0, pixels, i * one.length, one.length);
            logWeights[i] = (float) Math.log(references.get(i).weight());
            index[i] = i;
        }
        Tensor pictures = Ops.channelsLast(Ops.floats(pixels, n, 3, side, side));
        Tensor low = SuperResolutionUNet.blurred(pictures, config.resolution() / config.lowResolution());
        TextInput captions =
                text(references.stream().map(BaseStage.Reference::caption).toList());
        KeyValue encoded = net.encodeNeighbors(pictures, Ops.channelsLast(low), captions);
        return SuperResolutionUNet.read(encoded, Ops.longs(index, 1, n), Ops.floats(logWeights, 1, n));
    }

    private TextInput text(List<String> texts) {
        if (encoder == null) {
            throw new IllegalStateException("this stage reads text and was opened without a text encoder");
        }
        List<EncodedText> encoded = texts.stream().map(encoder::encode).toList();
        return TextInput.pad(
                encoded.stream().map(EncodedText::states).toList(),
                encoded.stream().map(EncodedText::pooled).toList(),
                encoder.dim());
    }

    /** A text that is dropped: the learned null stands in. */
    private static TextInput noText(ConditionsConfig reads) {
        int d = reads.textDim();
        Tensor no = Ops.booleans(new boolean[1], 1, 1);
        return new TextInput(
                Ops.floats(new float[d], 1, 1, d), no, Ops.floats(new float[d], 1, d), Ops.booleans(new boolean[1], 1));
    }
}
