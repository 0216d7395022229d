package org.reimagen.train.data;

import java.util.Arrays;
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

    /** The groups from {@code first} to before {@code last} as a batch of their own. */
    public GroupBatch part(int first, int last) {
        int from = first * GROUP;
        int to = last * GROUP;
        int pixels = 3 * side * side;
        long[] read = Arrays.copyOfRange(index, from * neighbors, to * neighbors);
        for (int i = 0; i < read.length; i++) {
            read[i] -= from; // a target reads from its own group alone
        }
        return new GroupBatch(
                ids.subList(from, to),
                captions.subList(from, to),
                Arrays.copyOfRange(pictures, from * pixels, to * pixels),
                side,
                read,
                new Drops(drops.text().subList(from, to), drops.neighbors().subList(from, to)));
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
