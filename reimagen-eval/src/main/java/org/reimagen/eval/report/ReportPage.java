package org.reimagen.eval.report;

import java.util.List;
import org.reimagen.eval.Interval;

/** Plots and findings as one HTML page without scripts: score, interval, N, seed, hashes and the command of each. */
public final class ReportPage {
    private static final int HASH = 12;

    private ReportPage() {}

    /** The page. */
    public static String of(List<Finding> findings, List<PlotData> plots) {
        StringBuilder html = new StringBuilder("""
                <!doctype html><html lang="en"><meta charset="utf-8"><title>Figures</title>
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <style>:root{color-scheme:light dark;--line:light-dark(#ddd,#444);--soft:light-dark(#555,#bbb);
                --c0:light-dark(#3b38b5,#a9a2ff);--c1:light-dark(#a8390f,#ff9d6f);--c2:light-dark(#0d6b4f,#5fd3a8);
                --c3:light-dark(#8a1462,#f08fcb)}
                body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;padding:0 1em;max-width:1200px;
                background:light-dark(#fff,#17171b);color:light-dark(#1b1b1f,#eee)}
                table{border-collapse:collapse}td,th{padding:.2em .7em;text-align:left;border-bottom:1px solid var(--line)}
                .scroll{overflow-x:auto}.bad{background:light-dark(#fdd,#511)}
                .bar{fill:#888}.mean{fill:currentColor}.wanted{fill:light-dark(#9cf,#357)}
                figure{margin:0;max-width:720px}figcaption{color:var(--soft);overflow-wrap:anywhere}.plot{width:100%;height:auto;font-size:13px}
                .plot text{fill:currentColor}.plot .end{text-anchor:end}.plot .middle{text-anchor:middle}
                .grid{stroke:var(--line)}.axis{stroke:currentColor}.join{fill:none;stroke-width:2;opacity:.6}
                .whisker{stroke-width:1.5}.s0{--c:var(--c0)}.s1{--c:var(--c1)}.s2{--c:var(--c2)}.s3{--c:var(--c3)}
                .mark{fill:var(--c)}.whisker,.join{stroke:var(--c)}</style>
                <main><h1>Figures</h1>
                """);
        plots.forEach(plot -> html.append(PlotFigure.of(plot)));
        html.append("<h2>Against what is expected</h2>\n");
        long failed = findings.stream().filter(f -> !f.holds()).count();
        html.append(
                "<p>%d figures, %d not as expected. The bar runs from 0 to 1: blue is what is expected, grey the interval.</p>\n"
                        .formatted(findings.size(), failed));
        html.append(
                "<div class=\"scroll\" role=\"region\" aria-label=\"Figures and what is expected\" tabindex=\"0\"><table><tr><th>figure<th>score<th>bar<th>interval<th>N<th>expected<th>seed<th>model<th>base<th>command</tr>\n");
        findings.forEach(finding -> row(html, finding));
        return html.append("</table></div></main></html>\n").toString();
    }

    private static void row(StringBuilder html, Finding finding) {
        Expectation expectation = finding.expectation();
        html.append(finding.holds() ? "<tr>" : "<tr class=bad>");
        cell(html, expectation.name());
        cell(html, finding.score().map(s -> "%.4f".formatted(s.value())).orElse("not measured"));
        html.append("<td>").append(bar(finding));
        cell(
                html,
                finding.score()
                        .filter(s -> s.low() < s.high())
                        .map(s -> "%.4f to %.4f".formatted(s.low(), s.high()))
                        .orElse(""));
        cell(
                html,
                finding.score()
                        .filter(s -> s.n() > 0)
                        .map(s -> String.valueOf(s.n()))
                        .orElse(""));
        cell(html, "%.4f ± %.4f".formatted(expectation.expected(), expectation.tolerance()));
        cell(html, finding.seed());
        cell(html, start(finding.modelHash()));
        cell(html, start(finding.knowledgeHash()));
        html.append("<td><code>").append(Html.escape(expectation.command())).append("</code></tr>\n");
    }

    private static String bar(Finding finding) {
        if (finding.score().isEmpty()) {
            return "";
        }
        Interval score = finding.score().get();
        Expectation e = finding.expectation();
        if (score.low() < 0 || score.high() > 1 || e.expected() < 0 || e.expected() > 1) {
            return "";
        }
        return "<svg aria-hidden=\"true\" width=\"104\" height=\"12\">"
                + bar("wanted", e.expected() - e.tolerance(), e.expected() + e.tolerance(), 12)
                + bar("bar", score.low(), score.high(), 4)
                + bar("mean", score.value() - 0.005, score.value() + 0.005, 10)
                + "</svg>";
    }

    private static String bar(String style, double from, double to, int height) {
        return "<rect class=%s x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>"
                .formatted(
                        style,
                        2 + 100 * Math.max(from, 0),
                        (12 - height) / 2,
                        100 * (Math.min(to, 1) - Math.max(from, 0)),
                        height);
    }

    private static String start(String hash) {
        return hash.substring(0, Math.min(HASH, hash.length()));
    }

    private static void cell(StringBuilder html, String text) {
        html.append("<td>").append(Html.escape(text));
    }
}
