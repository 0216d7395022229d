package org.reimagen.core.model;

/** Number of parameters of a U-Net, from its configuration alone: a preset of billions is counted without allocating it. */
public final class ParameterCount {
    private final UNetConfig config;

    private ParameterCount(UNetConfig config) {
        this.config = config;
    }

    /** Parameters of the network that {@code config} describes. */
    public static long of(UNetConfig config) {
        return new ParameterCount(config).total();
    }

    private long total() {
        long e = config.embedDim();
        long d = config.textDim();
        long time = 2 * linear(e, e);
        long pooled = 2 * d + linear(d, e) + linear(e, e) + e;
        long text = 2 * d + linear(d, e) + e;
        return time + pooled + text + stacks();
    }

    private long stacks() {
        long pixels = (long) config.imageChannels() * config.patch() * config.patch();
        long first = config.channels().getFirst();
        int last = config.lastLevel();
        long sum = config.blend() ? 9 * pixels * first : 0;
        sum += conv(pixels, first, 3) + 2 * first + conv(first, pixels, 3);
        sum += block(config.channels().get(last), last) + text(last) + neighbor(last);
        for (int i = 0; i <= last; i++) {
            long c = config.channels().get(i);
            sum += config.blocks().get(i) * (block(c, i) + text(i) + block(2 * c, i) + text(i) + neighbor(i));
            sum += i == 0
                    ? 0
                    : conv(config.channels().get(i - 1), c, 3)
                            + conv(c, config.channels().get(i - 1), 3);
        }
        return sum;
    }

    private static long linear(long in, long out) {
        return in * out + out;
    }

    private static long conv(long in, long out, long kernel) {
        return in * out * kernel * kernel + out;
    }

    private long block(long in, int level) {
        long c = config.channels().get(level);
        long skip = in == c ? 0 : conv(in, c, 1);
        return 2 * in + conv(in, c, 3) + linear(config.embedDim(), 2 * c) + 2 * c + conv(c, c, 3) + skip;
    }

    private long text(int level) {
        long c = config.channels().get(level);
        return config.attention().get(level)
                ? 2 * c + linear(c, 3 * c) + linear(config.embedDim(), 2 * c) + linear(c, c)
                : 0;
    }

    private long neighbor(int level) {
        if (!config.attention().get(level)) {
            return 0;
        }
        long c = config.channels().get(level);
        return 4 * c + 3 * linear(c, c) + linear(config.valueChannels(level), c) + 2 * c;
    }
}
