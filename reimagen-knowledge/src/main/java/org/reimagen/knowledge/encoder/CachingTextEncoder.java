package org.reimagen.knowledge.encoder;

import java.util.LinkedHashMap;
import java.util.Map;

/** Encodes every text once: keeps the states of the texts used last. <b>Thread-safety</b>: safe. */
public final class CachingTextEncoder implements TextEncoder {
    private final TextEncoder encoder;
    private final Map<String, EncodedText> cache;

    /**
     * @param encoder closed together with this one
     * @param capacity texts to keep, at least 1
     */
    public CachingTextEncoder(TextEncoder encoder, int capacity) {
        this.encoder = encoder;
        this.cache = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, EncodedText> eldest) {
                return size() > capacity;
            }
        };
    }

    @Override
    public EncodedText encode(String text) {
        synchronized (cache) {
            return cache.computeIfAbsent(text, encoder::encode);
        }
    }

    @Override
    public int dim() {
        return encoder.dim();
    }

    @Override
    public String name() {
        return encoder.name();
    }

    @Override
    public void close() {
        encoder.close();
    }
}
