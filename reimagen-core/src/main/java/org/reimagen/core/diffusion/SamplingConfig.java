package org.reimagen.core.diffusion;

import java.util.ArrayList;
import java.util.List;

/**
 * How to sample.
 *
 * @param sampler the update rule
 * @param schedule the noise levels the network was trained on
 * @param times descending times, the last one 0
 * @param prediction what the network predicts
 * @param guidance how evaluations are mixed
 * @param thresholding what keeps x_0 in range
 */
public record SamplingConfig(
        Sampler sampler,
        NoiseSchedule schedule,
        List<Double> times,
        Prediction prediction,
        Guidance guidance,
        Thresholding thresholding) {

    /** Checks that the times descend to 0. */
    public SamplingConfig {
        times = List.copyOf(times);
        if (times.size() < 2 || times.getLast() != 0) {
            throw new IllegalArgumentException("times must have two values or more and end at 0");
        }
        for (int i = 1; i < times.size(); i++) {
            if (!(times.get(i) < times.get(i - 1))) {
                throw new IllegalArgumentException("times must descend");
            }
        }
    }

    /** Sampling steps from the first time to 0. */
    public int steps() {
        return times.size() - 1;
    }

    /** DPM-Solver++(2M) in {@code steps} steps over the cosine schedule, v-prediction, static thresholding: dynamic greys flat backgrounds. */
    public static SamplingConfig standard(int steps, Guidance guidance) {
        NoiseSchedule schedule = new NoiseSchedule.Cosine();
        return new SamplingConfig(
                new Sampler.DpmSolverPlusPlus2M(),
                schedule,
                schedule.times(steps),
                Prediction.V,
                guidance,
                new Thresholding.Static());
    }

    /**
     * The same from {@code strength} of the noise on: so many times fewer steps, spread over the times that are left. Below 1 the start is
     * a picture with that much noise, not noise alone. <b>Source</b>: SDEdit, arXiv 2108.01073.
     *
     * @param strength share of the first time, in (0,1]
     */
    public SamplingConfig startingAt(double strength) {
        if (!(strength > 0 && strength <= 1)) {
            throw new IllegalArgumentException("strength must be above 0 and at most 1, was " + strength);
        }
        int steps = Math.max(1, (int) Math.ceil(strength * steps()));
        List<Double> left =
                schedule.times(steps).stream().map(t -> t * strength).toList();
        return strength == 1 ? this : new SamplingConfig(sampler, schedule, left, prediction, guidance, thresholding);
    }

    /**
     * The same by a network that is trained only for times from {@code from} on: its last step leads from there straight to 0, so that the
     * picture is its guess, and blurred.
     *
     * @param from in [0,1)
     */
    public SamplingConfig downTo(double from) {
        List<Double> left =
                new ArrayList<>(times.stream().filter(t -> t >= from && t > 0).toList());
        left.add(0.0);
        return new SamplingConfig(sampler, schedule, left, prediction, guidance, thresholding);
    }

    /** Whether a run starts from noise alone. */
    public boolean startsFromNoise() {
        return times.getFirst() >= schedule.start();
    }

    /** The same with another update rule. */
    public SamplingConfig withSampler(Sampler other) {
        return new SamplingConfig(other, schedule, times, prediction, guidance, thresholding);
    }

    /** The same with another thresholding. */
    public SamplingConfig withThresholding(Thresholding other) {
        return new SamplingConfig(sampler, schedule, times, prediction, guidance, other);
    }
}
