package org.reimagen.rating;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.reimagen.eval.listing.ListedPicture;

/** The order in which a rater sees drawings: a function of seed and name alone, so that an interrupted rater finds it again. */
public final class BlindOrder {
    private BlindOrder() {}

    /**
     * The drawings as this rater sees them.
     *
     * @param pictures in any order; the result does not depend on it
     */
    public static List<ListedPicture> of(List<ListedPicture> pictures, long seed, String rater) {
        List<ListedPicture> order = new ArrayList<>(pictures);
        order.sort(Comparator.comparing(ListedPicture::file));
        Collections.shuffle(order, new Random(mix(seed, rater)));
        return List.copyOf(order);
    }

    private static long mix(long seed, String rater) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest((seed + "/" + rater).getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(hash).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
