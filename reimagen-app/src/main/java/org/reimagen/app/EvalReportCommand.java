package org.reimagen.app;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.reimagen.core.checkpoint.AtomicFile;
import org.reimagen.eval.report.ExpectedSheet;
import org.reimagen.eval.report.Finding;
import org.reimagen.eval.report.PlotData;
import org.reimagen.eval.report.ReportPage;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code eval report}: all figures on one page, held against expected scores; 1 if one falls outside. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Compares measured figures with expected scores in YAML; exits with 1 if one falls outside.")
final class EvalReportCommand implements Callable<Integer> {
    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @Parameters(paramLabel = "EXPECTED", description = "such as docs/expected.yaml")
    private Path expected = Path.of("");

    @Option(names = "--folder", defaultValue = ".", description = "that the figures' files are relative to")
    private Path folder = Path.of(".");

    @Option(names = "--output-dir", defaultValue = "out/report")
    private Path output = Path.of("out/report");

    @Override
    public Integer call() {
        PrintWriter out = terminal.out();
        ExpectedSheet sheet = ExpectedSheet.read(expected);
        List<Finding> findings =
                sheet.figures().stream().map(e -> Finding.of(e, folder)).toList();
        List<PlotData> plots =
                sheet.plots().stream().map(p -> PlotData.of(p, folder)).toList();
        findings.forEach(f -> out.println(f.line()));
        byte[] page = ReportPage.of(findings, plots).getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(output.resolve("index.html"), to -> to.write(page));
        out.println("wrote " + output.resolve("index.html"));
        return findings.stream().allMatch(Finding::holds) ? 0 : 1;
    }
}
