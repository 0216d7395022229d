package org.reimagen.eval;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.reimagen.core.checkpoint.AtomicFile;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.Descriptor;
import org.reimagen.pipeline.ContactSheet;

/** Writes what was measured: {@code index.html}, one page with the figures and the sheets, and {@code results.json}. */
public final class FaithfulnessReport {
    private static final int SHEET_TARGETS = 64;
    private static final int SHOWN_REFERENCES = 4;
    private static final BufferedImage NOTHING = blank();
    private static final int COLUMNS = 2 * (SHOWN_REFERENCES + 2);

    private final Faithfulness faithfulness;
    private final List<Row> rows;
    private final Map<String, String> about;

    /**
     * A report on {@code rows}.
     *
     * @param about what was evaluated, such as model and knowledge base, by name
     */
    public FaithfulnessReport(Faithfulness faithfulness, List<Row> rows, Map<String, String> about) {
        this.faithfulness = faithfulness;
        this.rows = List.copyOf(rows);
        this.about = new LinkedHashMap<>(about);
    }

    /** A line for the console: rank-1, rank-5, style, background, near-copies in per cent. */
    public static String line(Row row) {
        return "rank-1 %s  rank-5 %s  style %3.0f  background %3.0f  copies %3.0f  %s"
                .formatted(
                        percent(row.rank(1)),
                        percent(row.rank(5)),
                        100 * row.style().value(),
                        100 * row.background().value(),
                        100 * row.copies().value(),
                        row.name());
    }

    private static String percent(Row.Share share) {
        return "%3.0f [%.0f, %.0f]".formatted(100 * share.value(), 100 * share.low(), 100 * share.high());
    }

    /** Writes both files into {@code folder}. */
    public void write(Path folder) {
        try {
            byte[] json = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(results());
            AtomicFile.write(folder.resolve("results.json"), out -> out.write(json));
            byte[] html = page().getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(folder.resolve("index.html"), out -> out.write(html));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, Object> results() {
        Map<String, Object> results = new LinkedHashMap<>(about);
        results.put("targets", faithfulness.targets().size());
        results.put("candidates", faithfulness.candidates());
        List<Map<String, Object>> all = new ArrayList<>();
        for (Row row : rows) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", row.name());
            row.setting().ifPresent(setting -> one.put("setting", setting));
            one.put("rank_1", row.rank(1));
            one.put("rank_5", row.rank(5));
            one.put("style", row.style());
            one.put("background", row.background());
            one.put("near_copies", row.copies());
            one.put("rank_1_by_kind", row.rank1ByKind());
            all.add(one);
        }
        results.put("rows", all);
        return results;
    }

    private String page() {
        StringBuilder html = new StringBuilder("""
                <!doctype html><html lang="en"><meta charset="utf-8"><title>Faithfulness</title>
                <style>body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:1100px}
                table{border-collapse:collapse}td,th{padding:.2em .7em;text-align:right;border-bottom:1px solid #ddd}
                td:first-child,th:first-child{text-align:left}img{max-width:100%;image-rendering:pixelated}</style>
                <h1>Faithfulness</h1>
                """);
        about.forEach((name, value) ->
                html.append("<p>").append(escape(name + ": " + value)).append("</p>\n"));
        List<Integer> candidates = faithfulness.candidates();
        html.append("<p>%d %s targets, each looked up among the %d to %d true pictures of its style. "
                .formatted(
                        faithfulness.targets().size(),
                        faithfulness.frequency(),
                        candidates.getFirst(),
                        candidates.getLast()));
        html.append(
                "References come from other families of sets. Brackets: 95 % bootstrap over entities. Style: of all true pictures of the entity, the nearest is of the family asked for.</p>\n");
        table(html);
        kinds(html);
        rows.stream().filter(Row::drawn).forEach(row -> sheet(html, row));
        return html.append("</html>\n").toString();
    }

    private void table(StringBuilder html) {
        html.append("<table><tr><th><th>rank-1<th>rank-5<th>style<th>background<th>near-copies</tr>\n");
        for (Row row : rows) {
            html.append("<tr><td>").append(escape(row.name()));
            for (Row.Share share : List.of(row.rank(1), row.rank(5), row.style(), row.background(), row.copies())) {
                html.append("<td>").append(percent(share)).append(" %");
            }
            html.append("</tr>\n");
        }
        html.append("</table>\n");
    }

    private void kinds(StringBuilder html) {
        html.append("<h2>Rank-1 by kind of entity</h2><table><tr><th>");
        rows.getFirst()
                .rank1ByKind()
                .keySet()
                .forEach(kind -> html.append("<th>").append(escape(kind)));
        html.append("</tr>\n");
        for (Row row : rows) {
            html.append("<tr><td>").append(escape(row.name()));
            row.rank1ByKind().values().forEach(v -> html.append("<td>%.0f %%".formatted(100 * v)));
            html.append("</tr>\n");
        }
        html.append("</table>\n");
    }

    private void sheet(StringBuilder html, Row row) {
        html.append("<h2>").append(escape(row.name())).append("</h2><p>References, truth, drawing.</p>");
        html.append("<img alt=\"sheet\" src=\"data:image/png;base64,");
        html.append(Base64.getEncoder().encodeToString(png(sheet(row)))).append("\">\n");
    }

    /** The first targets of a row: up to four references, the truth, the drawing. */
    public BufferedImage sheet(Row row) {
        List<ContactSheet.Cell> cells = new ArrayList<>();
        for (Outcome outcome :
                row.outcomes().subList(0, Math.min(SHEET_TARGETS, row.outcomes().size()))) {
            Target target = outcome.target();
            for (int i = 0; i < SHOWN_REFERENCES; i++) {
                cells.add(
                        i < target.references().size()
                                ? reference(target, target.references().get(i))
                                : new ContactSheet.Cell(NOTHING, "", ""));
            }
            cells.add(new ContactSheet.Cell(
                    faithfulness.picture(target, target.truth()),
                    "truth",
                    target.truth().title()));
            String verdict =
                    outcome.rank() == 0 ? "right" : outcome.rank() < 5 ? "top 5" : "rank " + (outcome.rank() + 1);
            cells.add(new ContactSheet.Cell(outcome.picture(), verdict, target.prompt()));
        }
        return ContactSheet.draw(cells, 64, COLUMNS);
    }

    private ContactSheet.Cell reference(Target target, Pair pair) {
        return new ContactSheet.Cell(faithfulness.picture(target, pair), pair.style(), pair.title());
    }

    private static BufferedImage blank() {
        BufferedImage white = new BufferedImage(Descriptor.SIDE, Descriptor.SIDE, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < Descriptor.SIDE * Descriptor.SIDE; i++) {
            white.setRGB(i % Descriptor.SIDE, i / Descriptor.SIDE, 0xFFFFFF);
        }
        return white;
    }

    private static byte[] png(BufferedImage image) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            ImageIO.write(image, "png", bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
