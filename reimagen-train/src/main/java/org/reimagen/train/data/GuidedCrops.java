package org.reimagen.train.data;

import java.util.List;

/**
 * A batch of crops with what a stage reads beside them.
 *
 * <p><b>Thread-safety</b>: immutable as long as nobody writes to the arrays.
 */
public final class GuidedCrops {
    private final CropBatch crops;
    private final float[] places;
    private final List<String> captions;
    private final List<Boolean> dropText;
    private final CropBatch pictures;
    private final long[] index;
    private final float[] logWeights;

    GuidedCrops(
            CropBatch crops,
            float[] places,
            List<String> captions,
            List<Boolean> dropText,
            CropBatch pictures,
            long[] index,
            float[] logWeights) {
        this.crops = crops;
        this.places = places;
        this.captions = List.copyOf(captions);
        this.dropText = List.copyOf(dropText);
        this.pictures = pictures;
        this.index = index;
        this.logWeights = logWeights;
    }

    /** The B targets. */
    public CropBatch crops() {
        return crops;
    }

    /** {@code [B,3]} left edge, upper edge and side of every crop as shares of its picture's side; not a copy. */
    public float[] places() {
        return places;
    }

    /** Captions of the B targets, and of the pictures, which are theirs. */
    public List<String> captions() {
        return captions;
    }

    /** Which targets' captions are dropped. */
    public List<Boolean> dropText() {
        return dropText;
    }

    /** The B targets' whole pictures, which serve as neighbours. */
    public CropBatch pictures() {
        return pictures;
    }

    /** {@code [B,K]} which pictures a target reads; not a copy. */
    public long[] index() {
        return index;
    }

    /** {@code [B,K]} 0 for what is read, -inf for what is not; not a copy. */
    public float[] logWeights() {
        return logWeights;
    }
}
