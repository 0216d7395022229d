package org.reimagen.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;

class ReportTest {
    @TempDir
    Path folder = Path.of("");

    private Path yaml(String text) throws IOException {
        return Files.writeString(folder.resolve("expected.yaml"), text);
    }

    private static String figure(String name, String pointer, double expected) {
        return """
                  - name: "%s"
                    command: ./reimagen eval <something>
                    file: results.json
                    pointer: %s
                    expected: %s
                    tolerance: 0.05
                """.formatted(name, pointer, expected);
    }

    @Test
    void figuresInsideAndOutsideAreToldApart() throws IOException {
        Files.writeString(
                folder.resolve("results.json"),
                "{\"seed\":3,\"model_sha256\":\"abcdef\",\"plain\":0.5,\"rows\":[{\"value\":0.8,\"low\":0.7,\"high\":0.9,\"n\":42}]}");
        Path yaml = yaml("# what is expected\nfigures:\n"
                + figure("edge", "/plain", 0.55)
                + figure("outside", "/plain", 0.56)
                + figure("interval", "/rows/0", 0.8)
                + figure("missing", "/rows/9", 0.8));
        List<Finding> findings = ExpectedSheet.read(yaml).figures().stream()
                .map(e -> Finding.of(e, folder))
                .toList();
        assertThat(findings).extracting(Finding::holds).containsExactly(true, false, true, false);
        assertThat(findings.get(1).line()).startsWith("FAIL").contains("outside");
        assertThat(findings.get(3).line()).contains("not measured");
        assertThat(findings.get(2).score().orElseThrow().n()).isEqualTo(42);
        String page = ReportPage.of(findings, List.of());
        assertThat(page)
                .contains("4 figures, 2 not as expected", "0.7000 to 0.9000", "<td>42", "<td>3", "abcdef")
                .contains("eval &lt;something&gt;")
                .doesNotContain("<something>");
    }

    @Test
    void whatIsWrongIsNamed() throws IOException {
        assertThatThrownBy(() -> ExpectedSheet.read(folder.resolve("none.yaml")))
                .hasMessageContaining("no such file");
        for (String text : List.of(
                "figures:\n" + figure("a", "/x", 1) + "    colour: red\n",
                "figures:\n  - name: a\n",
                "figures:\n" + figure("a", "x", 1),
                "figures:\n" + figure("a", "/x", 1) + figure("a", "/x", 1),
                "figures: [",
                "")) {
            Path yaml = yaml(text);
            assertThatThrownBy(() -> ExpectedSheet.read(yaml))
                    .as(text)
                    .isInstanceOf(ReImagenException.class)
                    .hasMessageContaining("expected.yaml");
        }
    }
}
