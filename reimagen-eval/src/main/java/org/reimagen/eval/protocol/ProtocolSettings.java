package org.reimagen.eval.protocol;

import java.util.List;
import org.reimagen.core.ReImagenException;

/**
 * What is drawn.
 *
 * @param prompts N, captions drawn at each guidance weight; all there are if fewer
 * @param seed chooses the captions, and the noise: the i-th picture has seed + i
 * @param guidance weights that are swept
 */
public record ProtocolSettings(int prompts, long seed, List<Double> guidance) {
    private static final int MOST = 100_000;

    /** @throws ReImagenException naming the setting that is out of range */
    public ProtocolSettings {
        guidance = List.copyOf(guidance);
        if (prompts < 2 || prompts > MOST) {
            throw new ReImagenException("prompts must be 2 to %d, was %d".formatted(MOST, prompts));
        }
        if (guidance.isEmpty() || guidance.stream().anyMatch(g -> !(g >= 0 && g <= 30))) {
            throw new ReImagenException("guidance_scale must be 0 to 30, was " + guidance);
        }
    }
}
