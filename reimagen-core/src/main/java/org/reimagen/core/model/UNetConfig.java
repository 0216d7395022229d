package org.reimagen.core.model;

import java.util.List;
import org.reimagen.core.ReImagenException;

/**
 * Shape of a Re-Imagen U-Net; the whole of it is saved in every checkpoint.
 *
 * @param imageChannels channels of the picture, 3 for RGB
 * @param patch side of the pixel-unshuffle stem: the first level works at resolution / patch
 * @param channels channels of each level, finest first; each a multiple of {@code groups}, and of {@code headDim} where
 *     the level has attention
 * @param blocks residual blocks of each level, in DStack and in UStack
 * @param attention whether a level attends to itself, the text and the neighbours; never the finest
 * @param headDim channels of one attention head
 * @param embedDim channels of the time-and-text embedding and of the projected text tokens, even
 * @param textDim channels of the text encoder's states
 * @param groups groups of every GroupNorm
 * @param blend whether the stem also sees the mean of the neighbours' pictures, place by place; false where a file does not say
 */
public record UNetConfig(
        int imageChannels,
        int patch,
        List<Integer> channels,
        List<Integer> blocks,
        List<Boolean> attention,
        int headDim,
        int embedDim,
        int textDim,
        int groups,
        boolean blend) {

    /** @throws ReImagenException naming the field whose value does not fit */
    public UNetConfig {
        channels = List.copyOf(channels);
        blocks = List.copyOf(blocks);
        attention = List.copyOf(attention);
        require(imageChannels > 0, "imageChannels", "positive");
        require(patch > 0, "patch", "positive");
        require(!channels.isEmpty(), "channels", "not empty");
        require(blocks.size() == channels.size(), "blocks", "as long as channels");
        require(attention.size() == channels.size(), "attention", "as long as channels");
        require(blocks.stream().allMatch(n -> n > 0), "blocks", "positive");
        require(!attention.getFirst() || channels.size() == 1, "attention", "false at the finest level");
        require(headDim > 0 && groups > 0 && textDim > 0, "headDim, groups and textDim", "positive");
        require(embedDim > 0 && embedDim % 2 == 0, "embedDim", "positive and even");
        for (int level = 0; level < channels.size(); level++) {
            require(channels.get(level) % groups == 0, "channels", "multiples of groups");
            boolean fits = !attention.get(level) || channels.get(level) % Math.max(headDim, 4) == 0;
            require(fits, "channels", "multiples of headDim where attention is");
        }
    }

    private static void require(boolean holds, String field, String rule) {
        if (!holds) {
            throw new ReImagenException("unet config: " + field + " must be " + rule);
        }
    }

    /** The one to train from scratch on two cores: 8.7 M parameters, 64×64 pictures, attention at 16 and 8. */
    public static UNetConfig small() {
        return new UNetConfig(
                3, 2, List.of(48, 96, 192), List.of(2, 2, 2), List.of(false, true, true), 32, 192, 384, 8, false);
    }

    /** The same network over a text encoder of another width. */
    public UNetConfig withTextDim(int dim) {
        return new UNetConfig(imageChannels, patch, channels, blocks, attention, headDim, embedDim, dim, groups, blend);
    }

    /** A few thousand parameters, for tests. */
    public static UNetConfig tiny() {
        return new UNetConfig(
                3, 2, List.of(8, 16, 16), List.of(1, 1, 1), List.of(false, true, true), 8, 16, 12, 4, false);
    }

    /** The paper's 64×64 base by Imagen's table: channels 512 × (1,2,3,4), three blocks a level, T5-XXL text, about 2 B. */
    public static UNetConfig paper() {
        return new UNetConfig(
                3,
                1,
                List.of(512, 1024, 1536, 2048),
                List.of(3, 3, 3, 3),
                List.of(false, true, true, true),
                64,
                2048,
                4096,
                32,
                false);
    }

    /** The same shape whose stem sees the mean of the neighbours' pictures. */
    public UNetConfig blending() {
        return new UNetConfig(
                imageChannels, patch, channels, blocks, attention, headDim, embedDim, textDim, groups, true);
    }

    /**
     * The same shape with other numbers of residual blocks, from the finest level to the coarsest.
     *
     * @param numbers one a level, each positive
     * @throws ReImagenException naming {@code blocks} if they are not
     */
    public UNetConfig withBlocks(List<Integer> numbers) {
        return new UNetConfig(
                imageChannels, patch, channels, numbers, attention, headDim, embedDim, textDim, groups, blend);
    }

    /** Index of the coarsest level. */
    public int lastLevel() {
        return channels.size() - 1;
    }

    /** Channels of the neighbours' values at {@code level}: its own features and the next finer level's, unshuffled. */
    public int valueChannels(int level) {
        return channels.get(level) + 4 * channels.get(level - 1);
    }

    /** Side that a picture's width and height must be a multiple of. */
    public int sizeMultiple() {
        return patch << lastLevel();
    }
}
