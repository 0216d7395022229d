package org.reimagen.core.diffusion;

import java.util.List;

/**
 * How predictions under several conditions become one: a weighted sum.
 *
 * <p>One convention everywhere: a weight of 1 is neutral, larger follows the condition harder. Since ε, v and x_0 are affine
 * in each other and the weights of a mix sum to 1, mixing v equals mixing ε. Outside its {@link Interval} of noise levels
 * every guidance is neutral. <b>Thread-safety</b>: immutable.
 */
public sealed interface Guidance {
    /**
     * Evaluations at one step for one image.
     *
     * @param t time in [0,1]
     * @param r this image's draw R ~ U[0,1) for this step
     */
    Mix at(double t, double r);

    /** Most evaluations that one step at time {@code t} takes for one image, whatever it draws. */
    default int evaluations(double t) {
        return Math.max(
                at(t, 0).terms().size(), at(t, Math.nextDown(1.0)).terms().size());
    }

    /** Share of what guidance adds to the strength of colours that is taken back, in [0,1]; see {@link Rescaled}. */
    default double rescale() {
        return 0;
    }

    /** One evaluation and its weight in the sum. */
    record Term(Conditions conditions, double weight) {}

    /** A weighted sum of evaluations; the weights add up to 1. */
    record Mix(List<Term> terms) {
        /** The prediction under all conditions, unchanged. */
        static final Mix NEUTRAL = new Mix(List.of(new Term(Conditions.BOTH, 1)));

        /** w·ε(both) − (w − 1)·ε(without). */
        static Mix away(double weight, Conditions without) {
            return weight == 1
                    ? NEUTRAL
                    : new Mix(List.of(new Term(Conditions.BOTH, weight), new Term(without, 1 - weight)));
        }
    }

    /**
     * Times at which guidance acts. <b>Source</b>: arXiv 2404.07724.
     *
     * @param from smallest t, in [0,to]
     * @param to largest t, in [from,1]
     */
    record Interval(double from, double to) {
        /** Checks the range. */
        public Interval {
            if (!(from >= 0 && from <= to && to <= 1)) {
                throw new IllegalArgumentException("guidance interval must lie in [0,1], was " + from + " to " + to);
            }
        }

        /** Every time. */
        public static Interval full() {
            return new Interval(0, 1);
        }

        boolean contains(double t) {
            return t >= from && t <= to;
        }
    }

    /** ε(c_p, c_n) as it is. */
    record None() implements Guidance {
        @Override
        public Mix at(double t, double r) {
            return Mix.NEUTRAL;
        }
    }

    /**
     * Classifier-free guidance on one condition: w·ε(both) − (w − 1)·ε(without). <b>Source</b>: arXiv 2207.12598.
     *
     * @param weight 1 is neutral
     * @param without which evaluation to move away from
     */
    record ClassifierFree(double weight, Conditions without, Interval interval) implements Guidance {
        @Override
        public Mix at(double t, double r) {
            return interval.contains(t) ? Mix.away(weight, without) : Mix.NEUTRAL;
        }
    }

    /**
     * Interleaved guidance: text-enhanced when R &lt; η, neighbour-enhanced otherwise.
     *
     * <p>ε̂_p = w_p·ε(c_p,c_n) − (w_p − 1)·ε(c_n); ε̂_n = w_n·ε(c_p,c_n) − (w_n − 1)·ε(c_p). Two evaluations a step, one
     * where the drawn weight is 1. <b>Source</b>: Re-Imagen, arXiv 2209.14491, section 3.4.
     *
     * @param textGuidance w_p
     * @param neighborGuidance w_n
     * @param guidanceRatio η in [0,1]
     */
    record Interleaved(double textGuidance, double neighborGuidance, double guidanceRatio, Interval interval)
            implements Guidance {
        /** Checks the ratio. */
        public Interleaved {
            if (!(guidanceRatio >= 0 && guidanceRatio <= 1)) {
                throw new IllegalArgumentException("guidance ratio must lie in [0,1], was " + guidanceRatio);
            }
        }

        @Override
        public Mix at(double t, double r) {
            if (!interval.contains(t)) {
                return Mix.NEUTRAL;
            }
            return r < guidanceRatio
                    ? Mix.away(textGuidance, Conditions.NEIGHBORS_ONLY)
                    : Mix.away(neighborGuidance, Conditions.TEXT_ONLY);
        }
    }

    /**
     * Another guidance whose colours are brought back to the strength that the guess under all conditions gives them. Guidance makes colours glare; of the
     * guess of x_0 what differs from grey is scaled down until its root mean square is that of the guess without guidance. Lightness is
     * left alone, so that white stays white. <b>Source</b>: arXiv 2305.08891, section 3.4, which rescales the whole prediction.
     *
     * @param guidance whose mixes are meant, the evaluation under all conditions the first of each
     * @param rescale share of the way back, in [0,1]
     */
    record Rescaled(Guidance guidance, double rescale) implements Guidance {
        /** Checks the share. */
        public Rescaled {
            if (!(rescale >= 0 && rescale <= 1)) {
                throw new IllegalArgumentException("guidance rescale must lie in [0,1], was " + rescale);
            }
        }

        @Override
        public Mix at(double t, double r) {
            Mix mix = guidance.at(t, r);
            if (!mix.terms().getFirst().conditions().equals(Conditions.BOTH)) {
                throw new IllegalArgumentException(
                        "a guidance without the guess under all conditions cannot be rescaled");
            }
            return mix;
        }
    }

    /**
     * Ablation: ε(∅) + w_p·(ε(c_p) − ε(∅)) + w_n·(ε(c_n) − ε(∅)); three evaluations, and one condition may dominate.
     *
     * @param textGuidance w_p
     * @param neighborGuidance w_n
     */
    record Additive(double textGuidance, double neighborGuidance, Interval interval) implements Guidance {
        @Override
        public Mix at(double t, double r) {
            if (!interval.contains(t)) {
                return Mix.NEUTRAL;
            }
            return new Mix(List.of(
                    new Term(Conditions.NONE, 1 - textGuidance - neighborGuidance),
                    new Term(Conditions.TEXT_ONLY, textGuidance),
                    new Term(Conditions.NEIGHBORS_ONLY, neighborGuidance)));
        }
    }
}
