package org.reimagen.train.data;

import java.util.Arrays;
import java.util.List;

/**
 * One batch of crops with their small versions.
 *
 * <p><b>Thread-safety</b>: immutable as long as nobody writes to the arrays.
 */
public final class CropBatch {
    private final List<String> ids;
    private final float[] large;
    private final float[] small;
    private final int side;
    private final int smallSide;

    CropBatch(List<String> ids, float[] large, float[] small, int side, int smallSide) {
        this.ids = List.copyOf(ids);
        this.large = large;
        this.small = small;
        this.side = side;
        this.smallSide = smallSide;
    }

    /** The crops from {@code from} to before {@code to} as a batch of their own. */
    public CropBatch part(int from, int to) {
        int largePixels = 3 * side * side;
        int smallPixels = 3 * smallSide * smallSide;
        return new CropBatch(
                ids.subList(from, to),
                Arrays.copyOfRange(large, from * largePixels, to * largePixels),
                Arrays.copyOfRange(small, from * smallPixels, to * smallPixels),
                side,
                smallSide);
    }

    /** Ids of the pictures that the crops are of. */
    public List<String> ids() {
        return ids;
    }

    /** {@code [B,3,side,side]} in [-1,1]; not a copy. */
    public float[] large() {
        return large;
    }

    /** {@code [B,3,smallSide,smallSide]}: means of the large pixels; not a copy. */
    public float[] small() {
        return small;
    }

    /** Side of the crops in pixels. */
    public int side() {
        return side;
    }

    /** Side of their small versions in pixels. */
    public int smallSide() {
        return smallSide;
    }
}
