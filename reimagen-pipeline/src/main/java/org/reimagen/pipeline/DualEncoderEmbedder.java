package org.reimagen.pipeline;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.DualEncoderFolder;
import org.reimagen.core.checkpoint.DualEncoderStageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.DualEncoder;
import org.reimagen.core.tensor.Ops;
import org.reimagen.core.tensor.Scopes;
import org.reimagen.core.tensor.Team;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.encoder.Embedder;
import org.reimagen.knowledge.encoder.TextEncoder;

/**
 * Texts and pictures as vectors of one space, by a trained {@link DualEncoder} in float32.
 *
 * <p>Pictures are fitted into its square and laid on white. It computes on one thread of its own, without helpers, since it is asked beside
 * drawings and from any thread (see {@link org.reimagen.core.tensor.EngineThread}). <b>Owns</b>: network and thread, until
 * {@link #close}; not the text encoder.
 * <b>Thread-safety</b>: safe, one call at a time.
 */
public final class DualEncoderEmbedder implements Embedder {
    private static final int HASH_DIGITS = 12;

    private final DualEncoderStageConfig stage;
    private final Team alone;
    private final DualEncoder net;
    private final TextEncoder encoder;
    private final String name;

    private DualEncoderEmbedder(
            DualEncoderStageConfig stage, Team alone, DualEncoder net, TextEncoder encoder, String name) {
        this.stage = stage;
        this.alone = alone;
        this.net = net;
        this.encoder = encoder;
        this.name = name;
    }

    /**
     * The encoder in {@code folder}, as {@code train clip} writes it.
     *
     * @param encoder whose pooled states it projects; stays the caller's
     * @throws ReImagenException naming the file that is missing or does not fit, or the text encoder that it was trained with
     */
    public static DualEncoderEmbedder open(Path folder, TextEncoder encoder) {
        DualEncoderFolder files = new DualEncoderFolder(folder);
        DualEncoderStageConfig stage = files.config();
        if (!stage.textEncoder().equals(encoder.name()) || stage.dualEncoder().textDim() != encoder.dim()) {
            throw new ReImagenException("%s: was trained over the text encoder %s of %d channels, this one is %s of %d"
                    .formatted(
                            folder, stage.textEncoder(), stage.dualEncoder().textDim(), encoder.name(), encoder.dim()));
        }
        Team alone = new Team(1);
        try {
            return new DualEncoderEmbedder(
                    stage,
                    alone,
                    alone.call(() -> load(files)),
                    encoder,
                    "dual-" + files.hash().substring(0, HASH_DIGITS));
        } catch (RuntimeException e) {
            alone.close();
            throw e;
        }
    }

    private static DualEncoder load(DualEncoderFolder files) {
        DualEncoder net = Scopes.keep(files.load());
        Weights.channelsLast(net);
        return net;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int dim() {
        return stage.dualEncoder().dim();
    }

    @Override
    public Set<Modality> modalities() {
        return Set.of(Modality.TEXT, Modality.PICTURE);
    }

    @Override
    public synchronized float[] embed(String text) {
        float[] pooled = encoder.encode(text).pooled();
        return vector(() -> net.text(Ops.floats(pooled, 1, pooled.length)));
    }

    /** Values of what {@code network} gives: {@code [1,D]}. */
    private float[] vector(Supplier<Tensor> network) {
        return alone.call(() -> {
            try (var _ = new PointerScope();
                    var _ = new NoGradGuard()) {
                return Ops.toFloats(network.get());
            }
        });
    }

    @Override
    public synchronized float[] embed(BufferedImage picture) {
        int side = stage.resolution();
        float[] pixels = Pictures.toChw(Pictures.on(Color.WHITE, Pictures.fit(picture, side)));
        return vector(() -> net.picture(Ops.floats(pixels, 1, 3, side, side)));
    }

    @Override
    public synchronized void close() {
        net.releaseReference();
        alone.close();
    }
}
