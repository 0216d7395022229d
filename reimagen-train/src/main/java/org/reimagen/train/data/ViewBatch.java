package org.reimagen.train.data;

import java.util.List;

/**
 * One batch for a dual encoder: B different entities, each by two pictures and two captions.
 *
 * <p><b>Thread-safety</b>: immutable as long as nobody writes to the arrays.
 */
public final class ViewBatch {
    /** Pictures of an entity in a batch. */
    public static final int VIEWS = 2;

    private final List<String> ids;
    private final List<String> captions;
    private final float[] pictures;
    private final int side;

    ViewBatch(List<String> ids, List<String> captions, float[] pictures, int side) {
        this.ids = List.copyOf(ids);
        this.captions = List.copyOf(captions);
        this.pictures = pictures;
        this.side = side;
    }

    /** Number of entities B. */
    public int entities() {
        return ids.size() / VIEWS;
    }

    /** Ids of the pictures: all first views, then all second ones, {@code [2*B]}. */
    public List<String> ids() {
        return ids;
    }

    /** Captions in the same order. */
    public List<String> captions() {
        return captions;
    }

    /** {@code [2*B,3,side,side]} in [-1,1]; not a copy. */
    public float[] pictures() {
        return pictures;
    }

    /** Side of the pictures in pixels. */
    public int side() {
        return side;
    }
}
