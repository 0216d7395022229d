package org.reimagen.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The systemd unit and the Containerfile say what systemd, a container's builder and our command line understand. */
class DeploymentTest {
    private static final Path ROOT = Path.of("..");
    private static final Path UNIT = ROOT.resolve("docs/guides/reimagen.service");
    private static final Path SYSTEMD_ANALYZE = Path.of("/usr/bin/systemd-analyze");

    @TempDir
    Path folder = Path.of("");

    /** The arguments after the launcher's name. */
    private static String[] arguments(List<String> words) {
        return words.subList(1, words.size()).toArray(String[]::new);
    }

    private static void assertParses(String[] arguments) {
        CommandLine.ParseResult parsed = new CommandLine(new Main()).parseArgs(arguments);
        assertThat(parsed.hasSubcommand()).isTrue();
        assertThat(parsed.subcommand().errors()).isEmpty();
    }

    @Test
    void systemdAcceptsTheUnit() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(SYSTEMD_ANALYZE), "no systemd here");
        String unit = Files.readString(UNIT);
        Path copy = folder.resolve("reimagen.service");
        Files.writeString(
                copy, unit.replace("/opt/reimagen/reimagen", "/bin/true")); // not installed where it is tested
        Process verify = new ProcessBuilder(SYSTEMD_ANALYZE.toString(), "verify", copy.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(verify.waitFor()).as(said).isZero();
        assertThat(said.lines().filter(line -> line.contains("reimagen.service")))
                .isEmpty();
    }

    @Test
    void theUnitStartsWhatTheCommandLineKnows() throws IOException {
        String start = Files.readAllLines(UNIT).stream()
                .filter(line -> line.startsWith("ExecStart="))
                .findFirst()
                .orElseThrow();
        assertParses(arguments(List.of(start.substring("ExecStart=".length()).split(" ", -1))));
    }

    @Test
    void theContainerfileCopiesWhatIsThereAndStartsWhatTheCommandLineKnows() throws IOException {
        List<String> lines = Files.readAllLines(ROOT.resolve("Containerfile"));
        List<String> known = List.of("FROM", "RUN", "COPY", "USER", "WORKDIR", "ENV", "VOLUME", "EXPOSE", "CMD");
        assertThat(lines.stream().filter(line -> !line.isBlank() && !line.startsWith("#")))
                .allMatch(line -> known.contains(line.split(" ", 2)[0]));
        List<List<String>> copies = lines.stream()
                .filter(line -> line.startsWith("COPY "))
                .map(line -> Arrays.stream(line.substring("COPY ".length()).split(" ", -1))
                        .filter(word -> !word.startsWith("--"))
                        .toList())
                .toList();
        assertThat(copies).isNotEmpty();
        copies.forEach(words -> words.subList(0, words.size() - 1)
                .forEach(source -> assertThat(ROOT.resolve(source)).exists()));
        assertThat(ROOT.resolve("reimagen")).isExecutable();
        String command = lines.getLast();
        assertThat(command).startsWith("CMD [\"./reimagen\", ");
        assertParses(arguments(Arrays.stream(command.substring("CMD [".length(), command.length() - 1)
                        .split(", ", -1))
                .map(word -> word.replace("\"", ""))
                .toList()));
    }
}
