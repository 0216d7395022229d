package org.reimagen.server.api;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.reimagen.server.http.ApiException;
import org.reimagen.server.job.Job;
import org.reimagen.server.job.JobQueue;
import org.reimagen.server.job.Order;

/**
 * One drawing for one Idempotency-Key, however often it is asked for: later requests join the first. Remembers the newest keys
 * only. <b>Thread-safety</b>: safe.
 */
final class Idempotency {
    private static final int REMEMBERED = 32;
    private static final int LONGEST = 255;

    private final JobQueue queue;
    private final Map<String, Known> known = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
            return size() > REMEMBERED;
        }
    };

    private record Known(String fingerprint, Job job) {}

    Idempotency(JobQueue queue) {
        this.queue = queue;
    }

    /**
     * Queues a drawing, or joins the one that this key began.
     *
     * @param fingerprint of the request's body
     * @throws ApiException 422 if the key began another request, 400 if it is too long, and as {@link JobQueue#submit}
     */
    JobQueue.Joined submit(Optional<String> key, String fingerprint, Order order, BooleanSupplier present) {
        if (key.isEmpty()) {
            return queue.submit(order, present);
        }
        if (key.get().isBlank() || key.get().length() > LONGEST) {
            throw ApiException.invalid("Idempotency-Key", "Idempotency-Key must have 1 to 255 characters");
        }
        synchronized (known) {
            Known before = known.get(key.get());
            if (before != null && isUsable(before.job())) {
                if (!before.fingerprint().equals(fingerprint)) {
                    throw ApiException.of(422, "idempotency_mismatch", "this Idempotency-Key began another request");
                }
                return new JobQueue.Joined(before.job(), before.job().join(present));
            }
            JobQueue.Joined joined = queue.submit(order, present);
            known.put(key.get(), new Known(fingerprint, joined.job()));
            return joined;
        }
    }

    private static boolean isUsable(Job job) {
        Job.State state = job.view().state();
        return state != Job.State.FAILED && state != Job.State.CANCELLED;
    }

    /** Fingerprint of a body. */
    static String fingerprint(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
