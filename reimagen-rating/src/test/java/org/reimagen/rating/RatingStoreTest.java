package org.reimagen.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;

class RatingStoreTest {
    @TempDir
    Path folder = Path.of("");

    @Test
    void answersAreReplacedAndTakenBack() {
        Path file = folder.resolve("deep/ratings.sqlite");
        try (RatingStore store = RatingStore.open(file)) {
            store.put(new Answer("ann", "a.png", Question.FAITHFUL, Verdict.YES), "1");
            store.put(new Answer("ann", "a.png", Question.FAITHFUL, Verdict.NO), "1");
            store.put(new Answer("ann", "a.png", Question.CLEAN, Verdict.UNSURE), "1");
            store.put(new Answer("bob", "a.png", Question.CLEAN, Verdict.YES), "1");
            store.remove("bob", "a.png", Question.CLEAN);
            store.remove("bob", "a.png", Question.CLEAN);
        }
        try (RatingStore store = RatingStore.open(file)) {
            assertThat(store.answers())
                    .containsExactly(
                            new Answer("ann", "a.png", Question.FAITHFUL, Verdict.NO),
                            new Answer("ann", "a.png", Question.CLEAN, Verdict.UNSURE));
            assertThat(store.answers("bob")).isEmpty();
            store.check("a.png", "1");
            assertThatThrownBy(() -> store.check("a.png", "2"))
                    .isInstanceOf(ReImagenException.class)
                    .hasMessageContaining("a.png")
                    .hasMessageContaining("--ratings");
        }
    }

    @Test
    void twoProcessesMayHoldTheFile() {
        Path file = folder.resolve("ratings.sqlite");
        try (RatingStore one = RatingStore.open(file);
                RatingStore two = RatingStore.open(file)) {
            one.put(new Answer("ann", "a.png", Question.CLEAN, Verdict.YES), "1");
            two.put(new Answer("bob", "a.png", Question.CLEAN, Verdict.NO), "1");
            assertThat(one.answers()).hasSize(2);
        }
    }

    @Test
    void anotherFileIsRefusedByName() throws IOException {
        Path file =
                Files.writeString(folder.resolve("notes.txt"), "no database at all, but long enough to be looked at");
        assertThatThrownBy(() -> RatingStore.open(file))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("notes.txt");
    }

    /** What was confirmed is there after {@code kill -9}. */
    @Test
    void nothingConfirmedIsLostByAKill() throws Exception {
        Path file = folder.resolve("ratings.sqlite");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> confirmed = new ArrayList<>();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            while (confirmed.size() < 20) {
                String line = out.readLine();
                assertThat(line).isNotNull();
                confirmed.add(line);
            }
            process.toHandle().destroyForcibly(); // the process' own method would close what it had said
            out.lines().forEach(confirmed::add);
        }
        assertThat(process.waitFor()).isNotZero();
        try (RatingStore store = RatingStore.open(file)) {
            assertThat(store.answers()).extracting(Answer::picture).containsAll(confirmed);
        }
    }

    /** Answers without end, each named on a line once it is kept. */
    static final class Writer {
        private Writer() {}

        /** Writes into the file named. */
        public static void main(String[] arguments) {
            RatingStore store = RatingStore.open(Path.of(arguments[0]));
            for (int i = 0; i < 100_000; i++) {
                store.put(new Answer("ann", i + ".png", Question.FAITHFUL, Verdict.YES), "1");
                System.out.println(i + ".png");
            }
        }
    }
}
