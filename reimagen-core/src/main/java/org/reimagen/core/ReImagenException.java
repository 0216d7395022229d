package org.reimagen.core;

import org.jspecify.annotations.Nullable;

/**
 * A failure that the user can act on: its message is one line that names the file, field or flag at fault.
 *
 * <p>The command line prints the message and nothing else; a bug is never wrapped in this type.
 */
public class ReImagenException extends RuntimeException {
    /**
     * Reports a fault without an underlying cause.
     *
     * @param message one line, naming what is at fault
     */
    public ReImagenException(String message) {
        super(message);
    }

    /**
     * Reports a fault found through another exception.
     *
     * @param message one line, naming what is at fault
     * @param cause what was caught, kept for logs
     */
    public ReImagenException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
