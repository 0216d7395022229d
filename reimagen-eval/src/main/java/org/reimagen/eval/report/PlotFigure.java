package org.reimagen.eval.report;

import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Map;
import org.reimagen.eval.report.PlotData.Point;

/** A plot with what it was made from: seed, hashes, command, and its numbers as a table. */
final class PlotFigure {
    private static final int HASH = 12;

    private PlotFigure() {}

    /** A section of the page. */
    static String of(PlotData data) {
        PlotSpec spec = data.spec();
        StringBuilder html = new StringBuilder("<section><h2>")
                .append(Html.escape(spec.name()))
                .append("</h2>\n");
        if (data.series().isEmpty()) {
            return html.append("<p>Not measured. It is made by <code>")
                    .append(Html.escape(spec.command()))
                    .append("</code></p></section>\n")
                    .toString();
        }
        html.append("<figure>\n")
                .append(SvgPlot.of(data))
                .append("<figcaption>Whiskers: 95 % bootstrap interval.")
                .append(counts(data));
        data.about()
                .forEach((name, value) -> html.append(' ')
                        .append(Html.escape(name.replace('_', ' ')))
                        .append(' ')
                        .append(Html.escape(
                                name.endsWith("sha256") ? value.substring(0, Math.min(HASH, value.length())) : value))
                        .append('.'));
        html.append(" <code>").append(Html.escape(spec.command())).append("</code></figcaption></figure>\n");
        table(html, data);
        return html.append("</section>\n").toString();
    }

    /** How many things each point was measured on. */
    private static String counts(PlotData data) {
        IntSummaryStatistics n = data.series().values().stream()
                .flatMap(List::stream)
                .mapToInt(Point::n)
                .filter(count -> count > 0)
                .summaryStatistics();
        if (n.getCount() == 0) {
            return "";
        }
        return n.getMin() == n.getMax()
                ? " N = " + n.getMin() + "."
                : " N = %d to %d.".formatted(n.getMin(), n.getMax());
    }

    private static void table(StringBuilder html, PlotData data) {
        html.append("<details><summary>Numbers</summary><div class=\"scroll\" role=\"region\" aria-label=\"Numbers of ")
                .append(Html.escape(data.spec().name()))
                .append("\" tabindex=\"0\"><table><tr><th>series<th>")
                .append(Html.escape(data.spec().x().name()))
                .append(data.spec().label() == null ? "" : "<th>point")
                .append("<th>")
                .append(Html.escape(data.spec().unit()))
                .append("<th>interval<th>N</tr>\n");
        for (Map.Entry<String, List<Point>> series : data.series().entrySet()) {
            for (Point point : series.getValue()) {
                html.append("<tr><td>").append(Html.escape(series.getKey()));
                html.append("<td>").append(Html.escape(point.at()));
                html.append(data.spec().label() == null ? "" : "<td>" + Html.escape(point.label()));
                html.append("<td>%s<td>%s to %s<td>%s</tr>\n"
                        .formatted(
                                SvgPlot.number(point.y().value()),
                                SvgPlot.number(point.y().low()),
                                SvgPlot.number(point.y().high()),
                                point.n() == 0 ? "" : point.n()));
            }
        }
        html.append("</table></div></details>\n");
    }
}
