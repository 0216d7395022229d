package org.reimagen.knowledge.draw;

import org.jspecify.annotations.Nullable;

/** A picture that cannot be decoded or drawn; the message is one line naming it and the reason. */
public final class PictureException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Reports a fault without an underlying cause. */
    public PictureException(String message) {
        super(message);
    }

    /** Reports a fault found through another exception; only the first line of its message is kept. */
    public PictureException(String message, @Nullable Throwable cause) {
        super(message.lines().findFirst().orElse("").strip(), cause);
    }
}
