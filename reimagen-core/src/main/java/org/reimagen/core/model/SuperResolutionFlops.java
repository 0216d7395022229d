package org.reimagen.core.model;

import java.util.List;

/**
 * Arithmetic of one evaluation of a super-resolution network for one picture, counted from the configuration: its convolutions
 * and what its places read of text and neighbours, two operations a multiply-add. Normalisation and the embedding of time and noise level
 * are not counted, nor keys and values, which are projected once a picture.
 */
public final class SuperResolutionFlops {
    private final SuperResolutionConfig config;
    private final int resolution;

    /** Counts for square pictures of {@code resolution} pixels, those that are drawn. */
    public SuperResolutionFlops(SuperResolutionConfig config, int resolution) {
        this.config = config;
        this.resolution = resolution;
    }

    /** Operations of one evaluation. */
    public double forward() {
        List<Integer> channels = config.channels();
        int pixels = config.patch() * config.patch();
        int first = channels.getFirst();
        double sum = conv(6 * pixels, first, 0, 3) + conv(first, 3 * pixels, 0, 3);
        for (int i = 0; i < channels.size(); i++) {
            int c = channels.get(i);
            sum += config.downBlocks().get(i) * block(c, i);
            int up = config.upBlocks().get(i);
            sum += up == 0 ? 0 : block(2 * c, i) + (up - 1) * block(c, i);
            sum += i == 0 ? 0 : conv(channels.get(i - 1), c, i, 3) + conv(c, channels.get(i - 1), i - 1, 3);
        }
        return sum;
    }

    /**
     * Operations by which an evaluation reads its conditions, 0 if it reads none.
     *
     * @param tokens of the text, the learned null not among them
     * @param neighbors how many it reads, those of a network that reads no neighbours do not count
     */
    public double reading(int tokens, int neighbors) {
        ConditionsConfig reads = config.conditions();
        if (reads == null) {
            return 0;
        }
        int last = config.channels().size() - 1;
        double text = attention(pixels(last), tokens);
        if (reads.neighbors() == 0) {
            return text;
        }
        double side = (double) reads.neighborResolution() / config.patch() / (1 << last);
        return text + attention(pixels(last), side * side * Math.min(neighbors, reads.neighbors()));
    }

    /** Queries, reading of the tokens and of the learned null, and the way out. */
    private double attention(double places, double tokens) {
        double c = config.channels().getLast();
        return 2 * 2.0 * places * c * c + 2 * 2.0 * places * (1 + tokens) * c;
    }

    private double pixels(int level) {
        double side = (double) resolution / config.patch() / (1 << level);
        return side * side;
    }

    private double block(int in, int level) {
        int c = config.channels().get(level);
        return conv(in, c, level, 3) + conv(c, c, level, 3) + (in == c ? 0 : conv(in, c, level, 1));
    }

    private double conv(int in, int out, int level, int kernel) {
        return 2.0 * in * out * kernel * kernel * pixels(level);
    }
}
