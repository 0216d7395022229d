package org.reimagen.train.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Which entities are held out of training: a fixed twentieth, by hash, the same for every set of pictures. */
public final class Split {
    private static final String SALT = "re-imagen split 13: ";

    private Split() {}

    /**
     * Whether no picture of {@code entity} may be trained on.
     *
     * @param entity label as the knowledge base has it
     */
    public static boolean isHeldOut(String entity) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] hash = digest.digest((SALT + entity).getBytes(StandardCharsets.UTF_8));
            return Integer.remainderUnsigned(ByteBuffer.wrap(hash).getInt(), 100) < 5;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
