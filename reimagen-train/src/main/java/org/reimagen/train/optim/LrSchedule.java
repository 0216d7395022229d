package org.reimagen.train.optim;

/** How the learning rate changes over a run: a linear warm-up, then the rest. */
public enum LrSchedule {
    /** Stays. */
    CONSTANT {
        @Override
        double after(double progress) {
            return 1;
        }
    },
    /** Stays for four fifths of the run, then falls linearly to zero. */
    CONSTANT_THEN_DECAY {
        @Override
        double after(double progress) {
            return Math.min(1, 5 * (1 - progress));
        }
    },
    /** Falls along a half cosine to zero. */
    COSINE {
        @Override
        double after(double progress) {
            return 0.5 * (1 + Math.cos(Math.PI * progress));
        }
    },
    /** Falls linearly to zero. */
    LINEAR {
        @Override
        double after(double progress) {
            return 1 - progress;
        }
    };

    abstract double after(double progress);

    /**
     * Factor on the learning rate.
     *
     * @param step from 0
     * @param warmUp steps of warm-up
     * @param maxSteps of the whole run
     */
    public double factor(long step, long warmUp, long maxSteps) {
        if (step < warmUp) {
            return (step + 1.0) / warmUp;
        }
        double progress = (double) (step - warmUp) / Math.max(1, maxSteps - warmUp);
        return Math.max(0, after(Math.min(1, progress)));
    }
}
