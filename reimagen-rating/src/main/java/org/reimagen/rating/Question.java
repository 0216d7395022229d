package org.reimagen.rating;

import java.util.Locale;

/** What is asked of every drawing. */
public enum Question {
    /** Whether it shows the thing that was asked for, as the references show it. */
    FAITHFUL,
    /** Whether it is realistic or cleanly drawn, whatever it shows. */
    CLEAN;

    /** As stored and sent: lower case. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
