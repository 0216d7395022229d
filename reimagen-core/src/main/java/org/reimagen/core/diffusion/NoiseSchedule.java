package org.reimagen.core.diffusion;

import java.util.ArrayList;
import java.util.List;

/**
 * How much of the picture is left at time t: x_t = α(t)·x_0 + σ(t)·ε with α² + σ² = 1.
 *
 * <p><b>Units</b>: t in [0,1], 0 is clean and 1 is noise. <b>Thread-safety</b>: immutable.
 */
public sealed interface NoiseSchedule {
    /** Signal level α(t) in [0,1]. */
    double alpha(double t);

    /** Noise level σ(t) in [0,1]. */
    default double sigma(double t) {
        double alpha = alpha(t);
        return Math.sqrt(Math.max(0, 1 - alpha * alpha));
    }

    /** log(α²/σ²); infinite at t = 0. */
    default double logSnr(double t) {
        return 2 * (Math.log(alpha(t)) - Math.log(sigma(t)));
    }

    /** The largest t that a sampler starts from; beyond it α vanishes. */
    default double start() {
        return 0.999;
    }

    /**
     * Times of a sampling run, equally spaced, descending to 0.
     *
     * @param steps at least 1
     * @return {@code steps + 1} times
     */
    default List<Double> times(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("steps must be at least 1, was " + steps);
        }
        List<Double> times = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            times.add(start() * (steps - i) / steps);
        }
        times.add(0.0);
        return times;
    }

    /** α(t) = cos(πt/2): Imagen's schedule for 64 and 256. <b>Source</b>: arXiv 2102.09672 with offset 0. */
    record Cosine() implements NoiseSchedule {
        @Override
        public double alpha(double t) {
            return Math.cos(Math.PI * t / 2);
        }

        @Override
        public double sigma(double t) {
            return Math.sin(Math.PI * t / 2);
        }
    }

    /**
     * β rises linearly, Imagen's schedule for 1024; the continuous limit of DDPM's 1000 steps.
     *
     * <p>log α(t) = -500·(β0·t + (β1 − β0)·t²/2). <b>Source</b>: arXiv 2006.11239; continuous form arXiv 2011.13456,
     * appendix B.
     *
     * @param betaStart β of the first of 1000 steps, in (0,1)
     * @param betaEnd β of the last, in (betaStart,1)
     */
    record Linear(double betaStart, double betaEnd) implements NoiseSchedule {
        /** Checks the range. */
        public Linear {
            if (!(betaStart > 0 && betaStart < betaEnd && betaEnd < 1)) {
                throw new IllegalArgumentException("need 0 < betaStart < betaEnd < 1");
            }
        }

        /** 1e-4 to 0.02. */
        public Linear() {
            this(1e-4, 0.02);
        }

        @Override
        public double alpha(double t) {
            return Math.exp(-500 * (betaStart * t + (betaEnd - betaStart) * t * t / 2));
        }

        @Override
        public double start() {
            return 1;
        }
    }
}
