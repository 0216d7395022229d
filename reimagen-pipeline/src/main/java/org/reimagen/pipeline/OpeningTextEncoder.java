package org.reimagen.pipeline;

import java.util.function.Supplier;
import org.reimagen.knowledge.encoder.EncodedText;
import org.reimagen.knowledge.encoder.TextEncoder;

/** An encoder that opens on a thread of its own; whoever needs it waits, and meets the failure if it could not be opened. */
final class OpeningTextEncoder implements TextEncoder {
    private final Meanwhile<TextEncoder> opening;

    /** Begins to open {@code encoder}, which is closed together with this one. */
    OpeningTextEncoder(Supplier<TextEncoder> encoder) {
        this.opening = Meanwhile.begin("text encoder", encoder::get);
    }

    @Override
    public EncodedText encode(String text) {
        return opening.get().encode(text);
    }

    @Override
    public int dim() {
        return opening.get().dim();
    }

    @Override
    public String name() {
        return opening.get().name();
    }

    /** @throws RuntimeException if it could not be opened, as ever */
    @Override
    public void close() {
        opening.get().close();
    }
}
