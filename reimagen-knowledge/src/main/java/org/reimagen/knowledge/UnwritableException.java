package org.reimagen.knowledge;

import org.jspecify.annotations.Nullable;

/** The base itself cannot be written, such as on a full disk: no fault of the pair that was added, and no use in trying the next. */
public final class UnwritableException extends KnowledgeException {
    private static final long serialVersionUID = 1;

    /** Reports a fault of the disk or the index in one line. */
    public UnwritableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
