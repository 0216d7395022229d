package org.reimagen.core.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;
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
 * @param conditions what it reads besides the small picture, null for nothing
 */
public record SuperResolutionConfig(
        int patch,
        List<Integer> channels,
        List<Integer> downBlocks,
        List<Integer> upBlocks,
        int embedDim,
        double residualDeviation,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable ConditionsConfig conditions) {
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
        if (conditions != null) {
            int last = channels.getLast();
            require(last % conditions.headDim() == 0, "channels", "a multiple of headDim at the lowest level");
            require(downBlocks.getLast() > 0, "downBlocks", "positive at the lowest level, where conditions are read");
            boolean reads = conditions.neighbors() > 0;
            require(!reads || channels.size() > 1, "channels", "of two levels or more where neighbours are read");
            require(!reads || (last % 4 == 0 && last > 4), "channels", "a multiple of 4 above 4 at the lowest level");
            boolean fits = !reads || conditions.neighborResolution() % (patch << (channels.size() - 1)) == 0;
            require(fits, "neighborResolution", "a multiple of " + (patch << (channels.size() - 1)));
        }
    }

    /** A network that reads nothing besides the small picture. */
    public SuperResolutionConfig(
            int patch,
            List<Integer> channels,
            List<Integer> downBlocks,
            List<Integer> upBlocks,
            int embedDim,
            double residualDeviation) {
        this(patch, channels, downBlocks, upBlocks, embedDim, residualDeviation, null);
    }

    /** The same network, reading {@code what} as well; weights of the one without may be its start. */
    public SuperResolutionConfig reading(@Nullable ConditionsConfig what) {
        return new SuperResolutionConfig(patch, channels, downBlocks, upBlocks, embedDim, residualDeviation, what);
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

    /** Block of the lowest level after which the conditions are read; neighbours are encoded up to there. */
    int middle() {
        return Math.max(1, downBlocks.getLast() / 2) - 1;
    }

    /** Sides of pictures must be multiples of this. */
    public int sizeMultiple() {
        return patch << (channels.size() - 1);
    }
}
