package org.reimagen.core.model;

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

    /** K neighbours of every target, listed target by target, all read in full. */
    public static NeighborInput inOrder(NeighborFeatures features, int targets, int k) {
        long[] index = new long[targets * k];
        Arrays.setAll(index, i -> i);
        return new NeighborInput(
                features, Ops.longs(index, targets, k), Ops.floats(new float[targets * k], targets, k));
    }
}
