package org.reimagen.core.model;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What DStack says of N neighbours at t = 0, by level.
 *
 * @param features level → {@code [N,C,F,F]}, the keys' source
 * @param values level → {@code [N,C+4C',F,F]}, the values' source: the level's features and the finer level's, unshuffled
 * @param pictures {@code [N,3,H,W]} float32 in [-1,1], as they were encoded
 */
public record NeighborFeatures(Map<Integer, Tensor> features, Map<Integer, Tensor> values, Tensor pictures) {}
