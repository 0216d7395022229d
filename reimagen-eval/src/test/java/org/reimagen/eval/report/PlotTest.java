package org.reimagen.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;
import org.xml.sax.InputSource;

class PlotTest {
    @TempDir
    Path folder = Path.of("");

    private static final String LINE = """
            figures: []
            plots:
              - name: "K & more"
                command: ./reimagen eval <x>
                file: results.json
                rows: /rows
                x: {name: K, pointer: /setting/knn}
                unit: share
                measures: {rank-1: /rank_1, rank-5: /rank_5}
            """;
    private static final String CURVE = """
            {"seed": 7, "model_sha256": "0123456789abcdef", "targets": 32, "rows": [
              {"name": "the truth", "rank_1": {"value": 1, "low": 1, "high": 1}},
              {"setting": {"knn": 4}, "rank_1": {"value": 0.25, "low": 0.125, "high": 0.375}, "rank_5": 0.5},
              {"setting": {"knn": 0}, "rank_1": {"value": 0, "low": 0, "high": 0.1, "n": 31}, "rank_5": 0.125}]}
            """;

    private PlotData data(String yaml, String json) throws IOException {
        Files.writeString(folder.resolve("results.json"), json);
        Path sheet = Files.writeString(folder.resolve("expected.yaml"), yaml);
        return PlotData.of(ExpectedSheet.read(sheet).plots().getFirst(), folder);
    }

    /** The numbers that the marks of a drawing carry: x, value, low, high, N. */
    private static List<String> marks(String svg) {
        Matcher matcher = Pattern.compile(
                        "data-x=\"(.*?)\" data-value=\"(.*?)\" data-low=\"(.*?)\" data-high=\"(.*?)\" data-n=\"(.*?)\"")
                .matcher(svg);
        List<String> marks = new ArrayList<>();
        while (matcher.find()) {
            marks.add("%s: %s [%s, %s] %s"
                    .formatted(
                            matcher.group(1), matcher.group(2), matcher.group(3), matcher.group(4), matcher.group(5)));
        }
        return marks;
    }

    private static void assertWellFormed(String svg) throws Exception {
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    @Test
    void aCurveCarriesItsNumbersInOrder() throws Exception {
        PlotData data = data(LINE, CURVE);
        String svg = SvgPlot.of(data);
        assertWellFormed(svg);
        assertThat(marks(svg))
                .containsExactly(
                        "0: 0 [0, 0.1] 31",
                        "4: 0.25 [0.125, 0.375] 32",
                        "0: 0.125 [0.125, 0.125] 32",
                        "4: 0.5 [0.5, 0.5] 32");
        // 640 wide: x from 64 (K = 0) to 620 (K = 4); 360 high: y from 308 (0) to 34 (0.5)
        assertThat(svg)
                .contains("<path class=\"join\" d=\"M64.0 308.0L620.0 171.0\"/>")
                .contains("<line class=\"whisker\" x1=\"620.0\" y1=\"239.5\" x2=\"620.0\" y2=\"102.5\"/>")
                .contains("<path class=\"join\" d=\"M64.0 239.5L620.0 34.0\"/>")
                .contains("aria-label=\"K &amp; more: share by K, 4 points");
    }

    @Test
    void theDrawingIsAsApproved() throws IOException {
        String svg = SvgPlot.of(data(LINE, CURVE));
        try (InputStream in = Objects.requireNonNull(PlotTest.class.getResourceAsStream("/golden/report/curve.svg"))) {
            assertThat(svg).isEqualTo(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void aFigureSaysWhatItWasMadeFrom() throws IOException {
        String html = PlotFigure.of(data(LINE, CURVE));
        assertThat(html)
                .contains(
                        "<h2>K &amp; more</h2>",
                        "N = 31 to 32.",
                        "seed 7.",
                        "model sha256 0123456789ab.",
                        "./reimagen eval &lt;x&gt;")
                .contains("<tr><td>rank-1<td>4<td>0.25<td>0.125 to 0.375<td>32</tr>");
        PlotSpec spec =
                ExpectedSheet.read(folder.resolve("expected.yaml")).plots().getFirst();
        assertThat(PlotFigure.of(PlotData.of(spec, folder.resolve("elsewhere"))))
                .contains("Not measured", "./reimagen eval &lt;x&gt;")
                .doesNotContain("<svg");
    }

    @Test
    void categoriesKeepTheOrderThatIsNamed() throws Exception {
        PlotData data = data("""
                figures: []
                plots:
                  - name: rare
                    command: c
                    file: results.json
                    rows: /groups
                    x: {name: frequency, pointer: /key}
                    unit: share
                    measures: {mean: /mean_of_4}
                    where: {/key: [frequent, infrequent, held-out]}
                """, """
                {"groups": {"all": {"mean_of_4": 0.9}, "held-out": {"mean_of_4": {"value": 0.3, "low": 0.1, "high": 0.4, "n": 5}},
                  "frequent": {"mean_of_4": {"value": 0.6, "low": 0.5, "high": 0.8, "n": 9}}}}
                """);
        assertThat(data.categories()).containsExactly("frequent", "held-out");
        String svg = SvgPlot.of(data);
        assertWellFormed(svg);
        assertThat(marks(svg)).containsExactly("frequent: 0.6 [0.5, 0.8] 9", "held-out: 0.3 [0.1, 0.4] 5");
        assertThat(svg).doesNotContain("join").contains("cx=\"203.0\"", "cx=\"481.0\"");
    }

    @Test
    void rowsSplitIntoSeriesAndAFrontierIsJoinedByItsLabel() throws Exception {
        PlotData split = data("""
                figures: []
                plots:
                  - {name: r, command: c, file: results.json, rows: /rows, x: {name: w, pointer: /wording}, unit: recall,
                     measures: {recall: /recall}, split: /retriever}
                """, """
                {"rows": [{"wording": "CLEAN", "retriever": "BM25", "recall": 0.9}, {"wording": "CLEAN", "retriever": "RRF", "recall": 1},
                  {"wording": "TAGS", "retriever": "RRF", "recall": 0.7}]}
                """);
        assertThat(split.series()).containsOnlyKeys("BM25", "RRF");
        assertThat(marks(SvgPlot.of(split)))
                .containsExactly("CLEAN: 0.9 [0.9, 0.9] 0", "CLEAN: 1 [1, 1] 0", "TAGS: 0.7 [0.7, 0.7] 0");
        PlotData frontier = data("""
                figures: []
                plots:
                  - {name: f, command: c, file: results.json, rows: /rows, x: {name: style, pointer: /style}, unit: rank-1,
                     measures: {K = 4: /rank}, label: {name: "eta", pointer: /eta}}
                """, """
                {"rows": [{"eta": 1.0, "style": 0.2, "rank": 0.4}, {"eta": 0.0, "style": 0.4, "rank": 0.1}, {"eta": 0.5, "style": 0.3, "rank": 0.3}]}
                """);
        String svg = SvgPlot.of(frontier);
        assertWellFormed(svg);
        assertThat(marks(svg)).extracting(m -> m.substring(0, 3)).containsExactly("0.4", "0.3", "0.2");
        assertThat(svg).contains(">eta 0.5</text>");
    }

    @Test
    void stepsAreRound() {
        assertThat(SvgPlot.step(1)).isEqualTo(0.2, within(1e-12));
        assertThat(SvgPlot.step(0.5)).isEqualTo(0.1, within(1e-12));
        assertThat(SvgPlot.step(8)).isEqualTo(2, within(1e-12));
        assertThat(SvgPlot.step(0.031)).isEqualTo(0.01, within(1e-12));
        assertThat(SvgPlot.step(0)).isEqualTo(0.2);
    }

    @Test
    void brokenPlotsAreNamed() {
        for (String yaml : List.of(
                LINE.replace("/setting/knn", "knn"),
                LINE.replace("unit: share", "colour: red"),
                LINE.replace("measures: {rank-1: /rank_1, rank-5: /rank_5}", "measures: {}"),
                LINE + LINE.substring(LINE.indexOf("  - name")))) {
            assertThatThrownBy(() -> data(yaml, CURVE))
                    .as(yaml)
                    .isInstanceOf(ReImagenException.class)
                    .hasMessageContaining("expected.yaml");
        }
    }
}
