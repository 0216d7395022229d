package org.reimagen.rig;

import java.time.Duration;
import java.util.List;
import java.util.Random;

/** How often, from which seed and for how long something is tried at random moments; the seed is printed. */
public final class Rounds {
    private final int times;
    private final long seed;
    private final Duration atMost;
    private final Random random;
    private final long start = System.nanoTime();

    /** So many rounds, fewer where they take longer than {@code atMost}. */
    public Rounds(int times, long seed, Duration atMost) {
        this.times = times;
        this.seed = seed;
        this.atMost = atMost;
        this.random = new Random(seed);
        System.out.println("seed " + seed);
    }

    /**
     * Those of a long run, from the system properties {@code <what>s}, {@code <what>.seed} and {@code <what>.minutes}.
     *
     * @param modest rounds where none are named
     */
    public static Rounds asked(String what, int modest) {
        return new Rounds(
                Integer.getInteger(what + "s", modest),
                Long.getLong(what + ".seed", System.nanoTime()),
                Duration.ofMinutes(Integer.getInteger(what + ".minutes", 60)));
    }

    /** Those that another process handed on as {@link #words}. */
    public static Rounds of(List<String> words) {
        return new Rounds(Integer.parseInt(words.get(0)), Long.parseLong(words.get(1)), Duration.parse(words.get(2)));
    }

    /** As arguments for {@link #of}. */
    public List<String> words() {
        return List.of(String.valueOf(times), String.valueOf(seed), atMost.toString());
    }

    /** Where all chance comes from. */
    public Random random() {
        return random;
    }

    /** Whether another round is due. */
    public boolean goesOn(int done) {
        return done < times && System.nanoTime() - start < atMost.toNanos();
    }
}
