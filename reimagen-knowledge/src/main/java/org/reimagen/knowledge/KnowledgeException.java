package org.reimagen.knowledge;

import org.jspecify.annotations.Nullable;

/** A failure of the knowledge base that the user can act on; the message is one line naming the file or field. */
public class KnowledgeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Reports a fault without an underlying cause. */
    public KnowledgeException(String message) {
        super(message);
    }

    /** Reports a fault found through another exception. */
    public KnowledgeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
