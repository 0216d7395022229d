package org.reimagen.eval.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.reimagen.eval.Interval;
import org.reimagen.eval.report.PlotData.Point;

/**
 * A plot as inline SVG: points with their intervals as whiskers; joined by lines where the horizontal axis counts. Series differ
 * by colour and by the shape of their marks. Both axes begin at 0. Every mark carries its numbers as {@code data-} attributes and as a
 * {@code title}, which a pointer shows.
 */
final class SvgPlot {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 360;
    private static final int LEFT = 64;
    private static final int RIGHT = 20;
    private static final int TOP = 34;
    private static final int BOTTOM = 52;
    private static final int CAP = 4;
    private static final int SHAPES = 4;
    private static final double SPREAD = 0.5;

    private final PlotData data;
    private final double xMost;
    private final double xStep;
    private final double yMost;
    private final double yStep;
    private final StringBuilder svg = new StringBuilder();

    private SvgPlot(PlotData data) {
        this.data = data;
        this.xStep = step(most(p -> Math.max(p.x().value(), p.x().high())));
        this.xMost = Math.max(1, Math.ceil(most(p -> Math.max(p.x().value(), p.x().high())) / xStep - 1e-9)) * xStep;
        this.yStep = step(most(p -> Math.max(p.y().value(), p.y().high())));
        this.yMost = Math.max(1, Math.ceil(most(p -> Math.max(p.y().value(), p.y().high())) / yStep - 1e-9)) * yStep;
    }

    /** The drawing of a plot that has points. */
    static String of(PlotData data) {
        SvgPlot plot = new SvgPlot(data);
        plot.draw();
        return plot.svg.toString();
    }

    private double most(ToDoubleFunction<Point> of) {
        return data.series().values().stream()
                .flatMap(List::stream)
                .mapToDouble(of)
                .max()
                .orElse(1);
    }

    /** A step of 1, 2 or 5 times a power of ten that divides 0 to {@code most} into at most six. */
    static double step(double most) {
        if (!(most > 0)) {
            return 0.2;
        }
        double power = Math.pow(10, Math.floor(Math.log10(most / 6)));
        for (double factor : new double[] {1, 2, 5}) {
            if (factor * power * 6 >= most * (1 - 1e-9)) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    /** Four significant digits without trailing zeros. */
    static String number(double value) {
        return new BigDecimal(value, new MathContext(4)).stripTrailingZeros().toPlainString();
    }

    private double x(double value) {
        double width = WIDTH - LEFT - RIGHT;
        return data.categories().isEmpty()
                ? LEFT + value / xMost * width
                : LEFT + (value + 0.5) / data.categories().size() * width;
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - value / yMost * (HEIGHT - TOP - BOTTOM);
    }

    private void draw() {
        add("<svg class=\"plot\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n"
                .formatted(WIDTH, HEIGHT, Html.escape(data.spec().name() + ": " + summary())));
        axes();
        int index = 0;
        for (Map.Entry<String, List<Point>> series : data.series().entrySet()) {
            series(index++, series.getKey(), series.getValue());
        }
        add("</svg>\n");
    }

    private String summary() {
        long points = data.series().values().stream().mapToLong(List::size).sum();
        return "%s by %s, %d points; the numbers are in the table below"
                .formatted(data.spec().unit(), data.spec().x().name(), points);
    }

    private void axes() {
        for (int i = 0; i * yStep <= yMost * (1 + 1e-9); i++) {
            double at = y(i * yStep);
            line("grid", LEFT, at, WIDTH - RIGHT, at);
            text("tick end", LEFT - 8, at + 4, number(i * yStep));
        }
        if (data.categories().isEmpty()) {
            for (int i = 0; i * xStep <= xMost * (1 + 1e-9); i++) {
                text("tick middle", x(i * xStep), HEIGHT - BOTTOM + 18, number(i * xStep));
            }
        } else {
            for (int i = 0; i < data.categories().size(); i++) {
                text(
                        "tick middle",
                        x(i),
                        HEIGHT - BOTTOM + 18,
                        data.categories().get(i));
            }
        }
        line("axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM);
        line("axis", LEFT, TOP, LEFT, HEIGHT - BOTTOM);
        text(
                "name middle",
                (LEFT + WIDTH - RIGHT) / 2.0,
                HEIGHT - 10,
                data.spec().x().name());
        add("<text class=\"name middle\" transform=\"translate(16 %s) rotate(-90)\">%s</text>\n"
                .formatted(
                        coordinate((TOP + HEIGHT - BOTTOM) / 2.0),
                        Html.escape(data.spec().unit())));
    }

    private void series(int index, String name, List<Point> points) {
        add("<g class=\"s%d\" data-series=\"%s\">\n".formatted(index % SHAPES, Html.escape(name)));
        double shift = 0;
        if (!data.categories().isEmpty()) {
            double slot = (double) (WIDTH - LEFT - RIGHT) / data.categories().size();
            shift = slot * SPREAD * ((index + 0.5) / data.series().size() - 0.5);
        } else if (points.size() > 1) {
            StringBuilder path = new StringBuilder();
            points.forEach(p -> path.append(path.isEmpty() ? "M" : "L")
                    .append(coordinate(x(p.x().value())))
                    .append(' ')
                    .append(coordinate(y(p.y().value()))));
            add("<path class=\"join\" d=\"%s\"/>\n".formatted(path));
        }
        for (Point point : points) {
            point(index, shift, name, point);
        }
        legend(index, name);
        add("</g>\n");
    }

    private void point(int index, double shift, String name, Point point) {
        Interval of = point.y();
        double x = x(point.x().value()) + shift;
        double y = y(of.value());
        if (of.low() < of.high()) {
            line("whisker", x, y(of.low()), x, y(of.high()));
            line("whisker", x - CAP, y(of.low()), x + CAP, y(of.low()));
            line("whisker", x - CAP, y(of.high()), x + CAP, y(of.high()));
        }
        if (point.x().low() < point.x().high()) {
            line("whisker", x(point.x().low()), y, x(point.x().high()), y);
        }
        add(
                "<g class=\"mark\" data-x=\"%s\" data-value=\"%s\" data-low=\"%s\" data-high=\"%s\" data-n=\"%d\"><title>%s</title>%s</g>\n"
                        .formatted(
                                Html.escape(point.at()),
                                number(of.value()),
                                number(of.low()),
                                number(of.high()),
                                point.n(),
                                Html.escape("%s, %s: %s [%s, %s], N = %d"
                                        .formatted(
                                                name,
                                                point.label().isEmpty() ? point.at() : point.label(),
                                                number(of.value()),
                                                number(of.low()),
                                                number(of.high()),
                                                point.n())),
                                shape(index, x, y)));
        if (!point.label().isEmpty()) {
            text("label", x + 8, y - 8, point.label());
        }
    }

    private static String shape(int index, double x, double y) {
        return switch (index % SHAPES) {
            case 0 -> "<circle cx=\"%s\" cy=\"%s\" r=\"5\"/>".formatted(coordinate(x), coordinate(y));
            case 1 ->
                "<rect x=\"%s\" y=\"%s\" width=\"9\" height=\"9\"/>"
                        .formatted(coordinate(x - 4.5), coordinate(y - 4.5));
            case 2 -> polygon(x, y, new double[] {0, -6, 5.5, 4.5, -5.5, 4.5});
            default -> polygon(x, y, new double[] {0, -6.5, 6.5, 0, 0, 6.5, -6.5, 0});
        };
    }

    private static String polygon(double x, double y, double[] offsets) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < offsets.length; i += 2) {
            points.append(i == 0 ? "" : " ")
                    .append(coordinate(x + offsets[i]))
                    .append(',')
                    .append(coordinate(y + offsets[i + 1]));
        }
        return "<polygon points=\"%s\"/>".formatted(points);
    }

    private void legend(int index, String name) {
        double slot = (double) (WIDTH - LEFT - RIGHT) / data.series().size();
        double x = LEFT + index * slot + 8;
        add("<g class=\"mark\">" + shape(index, x, TOP - 18) + "</g>\n");
        text("legend", x + 12, TOP - 14, name);
    }

    private void line(String style, double x1, double y1, double x2, double y2) {
        add("<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n"
                .formatted(style, coordinate(x1), coordinate(y1), coordinate(x2), coordinate(y2)));
    }

    private void text(String style, double x, double y, String text) {
        add("<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>\n"
                .formatted(style, coordinate(x), coordinate(y), Html.escape(text)));
    }

    private static String coordinate(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private void add(String text) {
        svg.append(text);
    }
}
