package org.reimagen.knowledge.encoder;

/**
 * One text as a frozen encoder sees it: a state for every token, and one for the whole.
 *
 * <p>No padding is stored. <b>Thread-safety</b>: immutable as long as nobody writes to the arrays.
 */
public final class EncodedText {
    private final int dim;
    private final float[] states;
    private final float[] pooled;

    /**
     * @param dim channels of a state
     * @param states {@code [tokens*dim]}, row by row
     * @param pooled {@code [dim]}
     */
    public EncodedText(int dim, float[] states, float[] pooled) {
        if (states.length % dim != 0 || pooled.length != dim) {
            throw new IllegalArgumentException("states and pooled do not fit dim " + dim);
        }
        this.dim = dim;
        this.states = states;
        this.pooled = pooled;
    }

    /** Number of tokens, special ones included. */
    public int tokens() {
        return states.length / dim;
    }

    /** Channels of a state. */
    public int dim() {
        return dim;
    }

    /** Token states {@code [tokens*dim]}, row by row; not a copy. */
    public float[] states() {
        return states;
    }

    /** The whole text's state {@code [dim]}; not a copy. */
    public float[] pooled() {
        return pooled;
    }
}
