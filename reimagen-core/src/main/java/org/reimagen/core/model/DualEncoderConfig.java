package org.reimagen.core.model;

import java.util.List;
import org.reimagen.core.ReImagenException;

/**
 * Shape of a dual encoder; saved in every checkpoint.
 *
 * @param patch side of the pixel-unshuffle stem: the first level works at resolution / patch
 * @param channels channels of each level, finest first
 * @param blocks residual blocks of each level
 * @param textDim channels of the frozen text encoder's pooled state
 * @param dim components of the vectors that pictures and texts are compared by, at most 1024
 */
public record DualEncoderConfig(int patch, List<Integer> channels, List<Integer> blocks, int textDim, int dim) {
    private static final int MAX_DIM = 1024; // of a vector in the index

    /** @throws ReImagenException naming the field whose value does not fit */
    public DualEncoderConfig {
        channels = List.copyOf(channels);
        blocks = List.copyOf(blocks);
        require(patch > 0, "patch", "positive");
        require(!channels.isEmpty() && channels.stream().allMatch(c -> c > 0), "channels", "positive");
        require(blocks.size() == channels.size(), "blocks", "as long as channels");
        require(blocks.stream().allMatch(b -> b >= 0), "blocks", "not negative");
        require(textDim > 0, "text_dim", "positive");
        require(dim > 0 && dim <= MAX_DIM, "dim", "1 to " + MAX_DIM);
    }

    private static void require(boolean holds, String field, String rule) {
        if (!holds) {
            throw new ReImagenException("dual encoder config: " + field + " must be " + rule);
        }
    }

    /** 32×32 pictures on one core, beside a text encoder of 384 channels: 2.3 M parameters. */
    public static DualEncoderConfig small() {
        return new DualEncoderConfig(4, List.of(64, 128, 192), List.of(1, 2, 2), 384, 256);
    }

    /** A few thousand parameters, for tests. */
    public static DualEncoderConfig tiny() {
        return new DualEncoderConfig(2, List.of(8, 12), List.of(1, 1), 12, 8);
    }

    /** Sides of pictures must be multiples of this. */
    public int sizeMultiple() {
        return patch << (channels.size() - 1);
    }
}
