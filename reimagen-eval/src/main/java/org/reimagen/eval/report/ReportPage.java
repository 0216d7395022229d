package org.reimagen.eval.report;

import java.util.List;
import org.reimagen.eval.Interval;

/** The findings as one HTML page without scripts: score, interval, N, seed, hashes and the command of each. */
public final class ReportPage {
    private static final int HASH = 12;

    private ReportPage() {}

    /** The page. */
    public static String of(List<Finding> findings) {
        StringBuilder html = new StringBuilder("""
                <!doctype html><html lang="en"><meta charset="utf-8"><title>Figures</title>
                <style>body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:1200px}
                table{border-collapse:collapse}td,th{padding:.2em .7em;text-align:left;border-bottom:1px solid #ddd}
                .bad{background:#fdd}.bar{fill:#888}.mean{fill:#000}.wanted{fill:#9cf}</style>
                <h1>Figures</h1>
                """);
        long failed = findings.stream().filter(f -> !f.holds()).count();
        html.append(
                "<p>%d figures, %d not as expected. The bar runs from 0 to 1: blue is what is expected, grey the interval.</p>\n"
                        .formatted(findings.size(), failed));
        html.append(
                "<table><tr><th>figure<th>score<th><th>interval<th>N<th>expected<th>seed<th>model<th>base<th>command</tr>\n");
        findings.forEach(finding -> row(html, finding));
        return html.append("</table></html>\n").toString();
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
        html.append("<td><code>").append(escape(expectation.command())).append("</code></tr>\n");
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
        return "<svg width=\"104\" height=\"12\">"
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
        html.append("<td>").append(escape(text));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
