package org.reimagen.core.model;

import static org.reimagen.core.tensor.Ops.scalar;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.tensor.Ops;

/**
 * The neighbours of a batch of targets.
 *
 * @param features of N encoded neighbours
 * @param index {@code [B,K]} int64 in [0,N): which neighbours a target reads; K may be 0
 * @param logWeights {@code [B,K]} float32: 0 reads a neighbour, log w weights it by w, -inf removes it
 */
public record NeighborInput(NeighborFeatures features, Tensor index, Tensor logWeights) {
    /** Checks that index and weights agree in shape. */
    public NeighborInput {
        Ops.checkShape("logWeights", logWeights, index.shape());
    }

    /**
     * The mean of each target's pictures by their weights, grey (0) where all are removed.
     *
     * <p>Weights that sum to less than 1 fade towards grey, as the attention's null does. <b>Shape</b> {@code -> [B,3,H,W]}.
     */
    Tensor blend() {
        Tensor pictures = features.pictures();
        long b = index.size(0);
        if (index.size(1) == 0) {
            return pictures.new_zeros(b, pictures.size(1), pictures.size(2), pictures.size(3));
        }
        Tensor weights = logWeights.exp();
        Tensor sums = weights.sum(1).clamp_min(scalar(1)).unsqueeze(1); // [B,1]
        Tensor shares = weights.div(sums).reshape(b, -1, 1, 1, 1);
        Tensor chosen = pictures.index_select(0, index.flatten())
                .reshape(b, -1, pictures.size(1), pictures.size(2), pictures.size(3));
        return shares.mul(chosen).sum(1);
    }

    /** K neighbours of every target, listed target by target, all read in full. */
    public static NeighborInput inOrder(NeighborFeatures features, int targets, int k) {
        long[] index = new long[targets * k];
        Arrays.setAll(index, i -> i);
        return new NeighborInput(
                features, Ops.longs(index, targets, k), Ops.floats(new float[targets * k], targets, k));
    }
}
