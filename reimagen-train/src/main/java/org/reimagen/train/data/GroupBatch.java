package org.reimagen.train.data;

import java.util.List;

/**
 * One batch of groups of four: each picture is a target, and a neighbour to the other three of its group.
 *
 * <p><b>Thread-safety</b>: immutable as long as nobody writes to the arrays.
 */
public final class GroupBatch {
    /** Pictures in a group. */
    public static final int GROUP = 4;

    private final List<String> ids;
    private final List<String> captions;
    private final float[] pictures;
    private final int side;
    private final long[] index;
    private final int neighbors;
    private final Drops drops;

    /**
     * Which conditions are dropped for which target.
     *
     * @param text true where the text is dropped
     * @param neighbors true where the neighbours are dropped
     */
    public record Drops(List<Boolean> text, List<Boolean> neighbors) {
        /** The lists are copied. */
        public Drops {
            text = List.copyOf(text);
            neighbors = List.copyOf(neighbors);
        }
    }

    GroupBatch(List<String> ids, List<String> captions, float[] pictures, int side, long[] index, Drops drops) {
        this.ids = List.copyOf(ids);
        this.captions = List.copyOf(captions);
        this.pictures = pictures;
        this.side = side;
        this.index = index;
        this.neighbors = index.length / ids.size();
        this.drops = drops;
    }

    /** Number of targets B. */
    public int size() {
        return ids.size();
    }

    /** Ids of the targets. */
    public List<String> ids() {
        return ids;
    }

    /** Captions of the targets, which are their captions as neighbours too. */
    public List<String> captions() {
        return captions;
    }

    /** {@code [B,3,side,side]} in [-1,1]; not a copy. */
    public float[] pictures() {
        return pictures;
    }

    /** Side of the pictures in pixels. */
    public int side() {
        return side;
    }

    /** {@code [B,K]}: rows of this batch that a target reads as neighbours; not a copy. */
    public long[] index() {
        return index;
    }

    /** K. */
    public int neighbors() {
        return neighbors;
    }

    /** What is dropped for whom. */
    public Drops drops() {
        return drops;
    }
}
