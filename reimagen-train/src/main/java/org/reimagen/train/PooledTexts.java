package org.reimagen.train;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.reimagen.knowledge.encoder.TextEncoder;

/** A frozen encoder's pooled states, each computed once and kept. <b>Thread-safety</b>: safe. */
final class PooledTexts {
    private final TextEncoder encoder;
    private final Map<String, float[]> states = new ConcurrentHashMap<>();

    /** @param encoder stays the caller's */
    PooledTexts(TextEncoder encoder) {
        this.encoder = encoder;
    }

    /** {@code [N*dim]}, row by row. */
    float[] of(List<String> texts) {
        float[] rows = new float[texts.size() * encoder.dim()];
        for (int i = 0; i < texts.size(); i++) {
            float[] state = Objects.requireNonNull(
                    states.computeIfAbsent(texts.get(i), t -> encoder.encode(t).pooled()));
            System.arraycopy(state, 0, rows, i * encoder.dim(), encoder.dim());
        }
        return rows;
    }
}
