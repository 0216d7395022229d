package org.reimagen.server.api;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Counters and histograms in Prometheus' text format. <b>Thread-safety</b>: safe. */
public final class Metrics {
    private static final double[] SECONDS = {0.005, 0.02, 0.1, 0.5, 2, 10, 60};
    private static final double[] COUNTS = {1, 2, 4, 8, 16, 32, 64};

    private final Map<String, Double> counters = new TreeMap<>();
    private final Map<String, Histogram> histograms = new TreeMap<>();

    private static final class Histogram {
        private final double[] bounds;
        private final long[] counts;
        private double sum;

        Histogram(String name) {
            bounds = name.endsWith("_seconds") ? SECONDS : COUNTS;
            counts = new long[bounds.length + 1];
        }
    }

    /**
     * Adds to a counter.
     *
     * @param series name and labels, such as {@code reimagen_requests_total{status="200"}}
     */
    public synchronized void count(String series, double amount) {
        counters.merge(series, amount, Double::sum);
    }

    /**
     * Observes a value.
     *
     * @param name ends in {@code _seconds} for times; anything else is a small number of things
     * @param labels such as {@code stage="256"}; empty for none
     */
    public synchronized void observe(String name, String labels, double value) {
        Histogram histogram = histograms.computeIfAbsent(name + "|" + labels, _ -> new Histogram(name));
        int bucket = 0;
        while (bucket < histogram.bounds.length && value > histogram.bounds[bucket]) {
            bucket++;
        }
        histogram.counts[bucket]++;
        histogram.sum += value;
    }

    /** All series, after these gauges. */
    synchronized String text(Map<String, Double> gauges) {
        StringBuilder out = new StringBuilder();
        gauges.forEach((name, value) -> {
            type(out, name, "gauge");
            line(out, name, value);
        });
        String last = "";
        for (Map.Entry<String, Double> counter : counters.entrySet()) {
            String name = counter.getKey().split("\\{", 2)[0];
            if (!name.equals(last)) {
                type(out, name, "counter");
                last = name;
            }
            line(out, counter.getKey(), counter.getValue());
        }
        histograms(out);
        return out.toString();
    }

    private void histograms(StringBuilder out) {
        String last = "";
        for (Map.Entry<String, Histogram> entry : histograms.entrySet()) {
            String[] series = entry.getKey().split("\\|", 2);
            if (!series[0].equals(last)) {
                type(out, series[0], "histogram");
                last = series[0];
            }
            histogram(out, series[0], series[1], entry.getValue());
        }
    }

    private static void histogram(StringBuilder out, String name, String labels, Histogram histogram) {
        String before = labels.isEmpty() ? "{" : "{" + labels + ",";
        String alone = labels.isEmpty() ? "" : "{" + labels + "}";
        long below = 0;
        for (int i = 0; i < histogram.counts.length; i++) {
            below += histogram.counts[i];
            String bound =
                    i == histogram.bounds.length ? "+Inf" : String.format(Locale.ROOT, "%s", histogram.bounds[i]);
            line(out, name + "_bucket" + before + "le=\"" + bound + "\"}", (double) below);
        }
        line(out, name + "_sum" + alone, histogram.sum);
        line(out, name + "_count" + alone, (double) below);
    }

    private static void type(StringBuilder out, String name, String type) {
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void line(StringBuilder out, String series, double value) {
        String number = value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
        out.append(series).append(' ').append(number).append('\n');
    }
}
