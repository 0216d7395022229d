/**
 * Diffusion mathematics: schedules, predictions, guidance, thresholding and samplers over a variance-preserving process.
 *
 * <p>Knows tensors and nothing of the network: a {@link org.reimagen.core.diffusion.ConditionedModel} stands for it,
 * or two that share the noise levels ({@link org.reimagen.core.diffusion.NoiseExperts}).
 */
@NullMarked
package org.reimagen.core.diffusion;

import org.jspecify.annotations.NullMarked;
