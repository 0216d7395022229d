package org.reimagen.rating;

import java.util.Locale;

/** An answer to a {@link Question}. */
public enum Verdict {
    /** It is. */
    YES,
    /** It is not. */
    NO,
    /** The rater cannot tell: asked, but no answer; counts as missing. */
    UNSURE;

    /** As stored and sent: lower case. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
