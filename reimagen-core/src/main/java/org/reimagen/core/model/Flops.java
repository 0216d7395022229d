package org.reimagen.core.model;

/**
 * Arithmetic of one evaluation for one picture, counted from the configuration: convolutions, linear layers on pixels and
 * attention over the pixels; two operations a multiply-add. Text and neighbours' keys are projected once and not counted.
 */
public final class Flops {
    private final UNetConfig config;
    private final int resolution;

    /** Counts for square pictures of {@code resolution} pixels. */
    public Flops(UNetConfig config, int resolution) {
        this.config = config;
        this.resolution = resolution;
    }

    /** Operations of DStack and UStack, without reading neighbours. */
    public double forward() {
        int last = config.lastLevel();
        double sum = encoding() + ends();
        sum += block(config.channels().get(last), last) + attention(last);
        for (int i = 0; i <= last; i++) {
            int c = config.channels().get(i);
            sum += config.blocks().get(i) * (block(2 * c, i) + attention(i));
            sum += i > 0 ? conv(c, config.channels().get(i - 1), i - 1, 3) : 0;
        }
        return sum;
    }

    /** Operations of the DStack alone: what encoding a neighbour takes. */
    public double encoding() {
        double sum = ends();
        for (int i = 0; i <= config.lastLevel(); i++) {
            int c = config.channels().get(i);
            sum += config.blocks().get(i) * (block(c, i) + attention(i));
            sum += i > 0 ? conv(config.channels().get(i - 1), c, i, 3) : 0;
        }
        return sum;
    }

    /** The first convolution, or the last, which is as large. */
    private double ends() {
        int pixelChannels = config.imageChannels() * config.patch() * config.patch();
        return conv(pixelChannels, config.channels().getFirst(), 0, 3);
    }

    private double pixels(int level) {
        double side = (double) resolution / config.patch() / (1 << level);
        return side * side;
    }

    private double conv(int in, int out, int level, int kernel) {
        return 2.0 * in * out * kernel * kernel * pixels(level);
    }

    private double block(int in, int level) {
        int c = config.channels().get(level);
        return conv(in, c, level, 3) + conv(c, c, level, 3) + (in == c ? 0 : conv(in, c, level, 1));
    }

    private double attention(int level) {
        if (!config.attention().get(level)) {
            return 0;
        }
        int c = config.channels().get(level);
        return 4 * conv(c, c, level, 1) + 4.0 * pixels(level) * pixels(level) * c;
    }
}
