package org.reimagen.core.diffusion;

/** Under which conditions a network is evaluated: the text c_p, the neighbours c_n. */
public enum Conditions {
    /** ε(c_p, c_n). */
    BOTH(true, true),
    /** ε(c_p). */
    TEXT_ONLY(true, false),
    /** ε(c_n). */
    NEIGHBORS_ONLY(false, true),
    /** ε(∅). */
    NONE(false, false);

    private final boolean text;
    private final boolean neighbors;

    Conditions(boolean text, boolean neighbors) {
        this.text = text;
        this.neighbors = neighbors;
    }

    /** Whether the text is seen. */
    public boolean text() {
        return text;
    }

    /** Whether the neighbours are seen. */
    public boolean neighbors() {
        return neighbors;
    }
}
