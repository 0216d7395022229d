package org.reimagen.knowledge;

import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Turns exceptions of the file system and the index into the end of a one-line message. */
public final class Reasons {
    private Reasons() {}

    /** Why it failed, in one line without the resource's internals. */
    public static String of(Throwable e) {
        if (e instanceof AccessDeniedException) {
            return "no permission";
        }
        if (e instanceof NoSuchFileException missing) {
            return "missing file " + missing.getFile();
        }
        String message = e.getMessage();
        return message == null
                ? e.getClass().getSimpleName()
                : message.lines().findFirst().orElse("").strip();
    }
}
