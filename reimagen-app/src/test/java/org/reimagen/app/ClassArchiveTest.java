package org.reimagen.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's archives of classes: made at the first run, made anew for another jar, never a word about it. */
class ClassArchiveTest {
    private static final Pattern FLAG =
            Pattern.compile("-Xshare:auto|-XX:\\+AutoCreateSharedArchive|-XX:\\+UseSerialGC|-Xlog:cds[+a-z]*=off");

    @TempDir
    Path folder = Path.of("");

    private static List<String> flags() throws IOException {
        return FLAG.matcher(Files.readString(Path.of("../reimagen")))
                .results()
                .map(MatchResult::group)
                .distinct()
                .toList();
    }

    private Path jar() {
        return folder.resolve("reimagen-small/target/reimagen-small.jar");
    }

    private Path archive() {
        return folder.resolve("small.jsa");
    }

    private void build(String word) throws IOException {
        Path source = Files.writeString(
                folder.resolve("Small.java"),
                "public class Small { public static void main(String[] a) { System.out.println(\"" + word + "\"); } }");
        int code =
                ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", folder.toString(), source.toString());
        assertThat(code).isZero();
        Files.createDirectories(jar().resolveSibling("."));
        try (OutputStream file = Files.newOutputStream(jar());
                ZipOutputStream zip = new ZipOutputStream(file)) {
            zip.putNextEntry(new ZipEntry("Small.class"));
            Files.copy(folder.resolve("Small.class"), zip);
            zip.closeEntry();
        }
    }

    /** Runs the launcher's own function over the jar. */
    private void dropStale() throws IOException, InterruptedException {
        String launcher = Files.readString(Path.of("../reimagen"));
        int start = launcher.indexOf("drop_stale_archive() {");
        String function = launcher.substring(start, launcher.indexOf("\n}\n", start) + 3);
        String script = "set -euo pipefail; root=$1 jdk=$1 cache=$1\n" + function + "drop_stale_archive \"$2\"";
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        script,
                        "bash",
                        folder.toString(),
                        archive().toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(said).isZero();
    }

    /** What the program wrote, errors and warnings among it; {@code archived} hears whether its class came from the archive. */
    private String run(Writer archived) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags());
        Path loads = folder.resolve("loads.txt");
        command.addAll(List.of("-XX:SharedArchiveFile=" + archive(), "-Xlog:class+load:file=" + loads));
        command.addAll(List.of("-cp", jar().toString(), "Small"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        try (Stream<String> lines = Files.lines(loads)) {
            archived.write(Objects.requireNonNull(
                    lines.filter(l -> l.contains(" Small source:")).findFirst().orElse("")));
        }
        return said;
    }

    @Test
    void aStaleArchiveIsMadeAnewWithoutAWord() throws Exception {
        assertThat(flags()).hasSize(5);
        build("first");
        assertThat(run(new StringWriter())).isEqualToIgnoringNewLines("first");
        assertThat(archive()).isNotEmptyFile();
        StringWriter archived = new StringWriter();
        assertThat(run(archived)).isEqualToIgnoringNewLines("first");
        assertThat(archived.toString()).contains("shared objects file (top)");
        dropStale();
        assertThat(archive()).exists();
        build("the second");
        StringWriter stale = new StringWriter();
        assertThat(run(stale)).isEqualToIgnoringNewLines("the second");
        assertThat(stale.toString()).doesNotContain("shared objects file");
        Files.setLastModifiedTime(jar(), FileTime.fromMillis(System.currentTimeMillis() + 2000));
        dropStale();
        assertThat(archive()).doesNotExist();
        assertThat(run(new StringWriter())).isEqualToIgnoringNewLines("the second");
        StringWriter anew = new StringWriter();
        assertThat(run(anew)).isEqualToIgnoringNewLines("the second");
        assertThat(anew.toString()).contains("shared objects file (top)");
    }
}
