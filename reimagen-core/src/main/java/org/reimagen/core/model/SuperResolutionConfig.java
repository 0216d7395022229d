package org.reimagen.core.model;

import java.util.List;
import org.reimagen.core.ReImagenException;

/**
 * Shape of a super-resolution network; saved in every checkpoint.
 *
 * @param patch side of the pixel-unshuffle stem: the first level works at resolution / patch
 * @param channels channels of each level, finest first
 * @param downBlocks residual blocks of each level on the way down, the last level's being the middle
 * @param upBlocks residual blocks of each level on the way up
 * @param embedDim channels of the embedding of time and noise level, even
 * @param residualDeviation standard deviation of what the enlarged picture lacks, in units of [-1,1]
 */
public record SuperResolutionConfig(
        int patch,
        List<Integer> channels,
        List<Integer> downBlocks,
        List<Integer> upBlocks,
        int embedDim,
        double residualDeviation) {
    /** @throws ReImagenException naming the field whose value does not fit */
    public SuperResolutionConfig {
        channels = List.copyOf(channels);
        downBlocks = List.copyOf(downBlocks);
        upBlocks = List.copyOf(upBlocks);
        require(patch > 0, "patch", "positive");
        require(!channels.isEmpty() && channels.stream().allMatch(c -> c > 0), "channels", "positive");
        require(downBlocks.size() == channels.size(), "downBlocks", "as long as channels");
        require(upBlocks.size() == channels.size(), "upBlocks", "as long as channels");
        require(residualDeviation > 0 && residualDeviation < 2, "residualDeviation", "between 0 and 2");
        require(embedDim > 0 && embedDim % 2 == 0, "embedDim", "positive and even");
    }

    private static void require(boolean holds, String field, String rule) {
        if (!holds) {
            throw new ReImagenException("super-resolution config: " + field + " must be " + rule);
        }
    }

    /** 64 → 256 on two cores: 5.6 M parameters. */
    public static SuperResolutionConfig to256() {
        return new SuperResolutionConfig(4, List.of(64, 128, 192), List.of(1, 2, 4), List.of(2, 2, 0), 192, 0.1);
    }

    /** 256 → 1024 on two cores: 5.9 M parameters. */
    public static SuperResolutionConfig to1024() {
        return new SuperResolutionConfig(8, List.of(64, 128, 192), List.of(1, 2, 4), List.of(2, 2, 0), 192, 0.06);
    }

    /** A few thousand parameters, for tests. */
    public static SuperResolutionConfig tiny() {
        return new SuperResolutionConfig(2, List.of(8, 12), List.of(1, 2), List.of(2, 0), 16, 0.1);
    }

    /** Sides of pictures must be multiples of this. */
    public int sizeMultiple() {
        return patch << (channels.size() - 1);
    }
}
