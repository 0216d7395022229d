package org.reimagen.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's default knowledge base: made when it is missing or another version's, kept where pairs were added to it. */
class DefaultBaseTest {
    private static final String STAND_INS = """
            set -euo pipefail; root=$1 cache=$1/cache meanwhile=$2
            say() { echo "$*"; }
            default_data() { :; }
            java_main() { mkdir -p "$3/index"; touch "$3/index/segments_1"; eval "$meanwhile"; }
            """;

    @TempDir
    Path folder = Path.of("");

    private Path index() {
        return folder.resolve("cache/kb/emoji/index");
    }

    @BeforeEach
    void makeSources() throws IOException {
        Files.createDirectories(folder.resolve("data"));
        Files.createDirectories(folder.resolve("cache/kb"));
        Files.writeString(folder.resolve("data/package-lock.json"), "sets of today");
    }

    private String wanted() throws IOException, InterruptedException {
        return wanted(":");
    }

    /** What the launcher says when a command wants the base; {@code meanwhile} is done while it is made. */
    private String wanted(String meanwhile) throws IOException, InterruptedException {
        String launcher = Files.readString(Path.of("../reimagen"));
        int start = launcher.indexOf("kb_format=");
        String functions = launcher.substring(start, launcher.indexOf("wants_default_kb() {", start));
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        STAND_INS + functions + "if default_kb_is_stale; then default_kb; fi",
                        "bash",
                        folder.toString(),
                        meanwhile)
                .redirectErrorStream(true)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(said).isZero();
        return said;
    }

    private void assertKept(String said, String commit) {
        assertThat(said).contains("note: the default knowledge base is of an earlier version; delete ");
        assertThat(index().resolve(commit)).exists();
        assertThat(index().resolveSibling("../emoji.new")).doesNotExist();
    }

    @Test
    void isMadeOnce() throws Exception {
        assertThat(wanted()).isEqualToIgnoringNewLines("making the default knowledge base ...");
        assertThat(index().resolve("segments_1")).exists();
        assertThat(wanted()).isEmpty();
    }

    @Test
    void isMadeAnewFromOtherSources() throws Exception {
        wanted();
        Files.writeString(index().resolve("older"), "");
        Files.writeString(folder.resolve("data/package-lock.json"), "sets of tomorrow");
        assertThat(wanted()).isEqualToIgnoringNewLines("making the default knowledge base ...");
        assertThat(index().resolve("older")).doesNotExist();
        assertThat(wanted()).isEmpty();
    }

    @Test
    void isKeptWithPairsThatWereAdded() throws Exception {
        wanted();
        Files.move(index().resolve("segments_1"), index().resolve("segments_2"));
        assertThat(wanted()).isEmpty();
        Files.writeString(folder.resolve("data/package-lock.json"), "sets of tomorrow");
        assertKept(wanted(), "segments_2");
    }

    @Test
    void isKeptWithPairsThatAreAddedWhileAnotherIsMade() throws Exception {
        wanted();
        Files.writeString(folder.resolve("data/package-lock.json"), "sets of tomorrow");
        assertKept(wanted("mv $cache/kb/emoji/index/segments_1 $cache/kb/emoji/index/segments_2"), "segments_2");
    }

    @Test
    void ofNoKnownVersionIsKept() throws Exception {
        Files.createDirectories(index());
        Files.writeString(index().resolve("segments_7"), "");
        assertKept(wanted(), "segments_7");
    }
}
