package org.reimagen.rating.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.eval.report.ExpectedSheet;
import org.reimagen.eval.report.Finding;
import org.reimagen.eval.report.PlotData;
import org.reimagen.eval.report.ReportPage;

/** The page of {@code eval report} in a real Chromium, which this module's tests have: what axe-core has to say of it. */
class ReportPageTest {
    private static final String RATINGS = """
            {"seed": 7, "model_sha256": "0123456789abcdef", "rows": [
              {"knn": 0, "wording": "plain", "yes": {"value": 0.25, "low": 0.125, "high": 0.375, "n": 31}, "no": 0.5},
              {"knn": 4, "wording": "tags", "yes": {"value": 0.75, "low": 0.5, "high": 0.875, "n": 32}, "no": 0.125}]}
            """;
    private static final String COMMAND =
            "command: ./reimagen eval rate out/drawings --report out/drawings/ratings.json, file: r.json";

    @TempDir
    Path folder = Path.of("");

    private static String figure(String name, String pointer, double expected) {
        return "  - {name: %s, %s, pointer: %s, expected: %s, tolerance: 0.1}\n"
                .formatted(name, COMMAND, pointer, expected);
    }

    private static String plot(String name, String x) {
        return "  - {name: %s, %s, rows: /rows, x: %s, unit: share, measures: {faithful: /yes, clean: /no}}\n"
                .formatted(name, COMMAND, x);
    }

    private String report() throws IOException {
        Files.writeString(folder.resolve("r.json"), RATINGS);
        String expected = "figures:\n"
                + figure("as expected", "/rows/1/yes", 0.7)
                + figure("worse", "/rows/0/yes", 0.7)
                + figure("beyond one", "/rows/1/knn", 4)
                + figure("not measured", "/rows/9", 0.7)
                + "plots:\n"
                + plot("Answers by K", "{name: K, pointer: /knn}")
                + plot("Answers by wording", "{name: wording, pointer: /wording}")
                + plot("Answers by sampler", "{name: sampler, pointer: /sampler}");
        ExpectedSheet sheet = ExpectedSheet.read(Files.writeString(folder.resolve("expected.yaml"), expected));
        List<Finding> findings =
                sheet.figures().stream().map(e -> Finding.of(e, folder)).toList();
        assertThat(findings).extracting(Finding::holds).containsExactly(true, false, true, false);
        return ReportPage.of(
                findings,
                sheet.plots().stream().map(p -> PlotData.of(p, folder)).toList());
    }

    @Test
    void axeFindsNothingLightDarkAndNarrow() throws IOException {
        Path file = Files.writeString(folder.resolve("index.html"), report());
        try (Chromium chromium = Chromium.start();
                BrowserContext context = chromium.get().newContext()) {
            Page page = context.newPage();
            page.navigate(file.toUri().toString());
            assertThat(page.locator("svg.plot").count()).isEqualTo(2);
            Axe.assertNothing(page, "light");
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
            Axe.assertNothing(page, "dark");
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })");
            page.setViewportSize(360, 740);
            Axe.assertNothing(page, "narrow, numbers shown");
            Axe.assertFits(page);
        }
    }
}
