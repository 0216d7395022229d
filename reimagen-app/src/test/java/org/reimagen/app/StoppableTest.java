package org.reimagen.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;

/** A real SIGTERM to a real process that encodes texts, as a training does on its second thread. */
class StoppableTest {
    private static final int STOPPED = 75;

    @TempDir
    Path folder = Path.of("");

    /** Encodes texts until it is asked to stop, and goes on for half a second, as a step and a checkpoint do. */
    static final class Work {
        private Work() {}

        public static void main(String[] arguments) {
            AtomicBoolean asked = new AtomicBoolean();
            int code = Stoppable.run(() -> asked.set(true), () -> {
                try (TextEncoder encoder = OnnxTextEncoder.builtIn()) {
                    encode(encoder, asked);
                    Files.writeString(Path.of(arguments[0]), "saved");
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
                return false;
            });
            System.exit(code);
        }

        private static void encode(TextEncoder encoder, AtomicBoolean asked) {
            long end = Long.MAX_VALUE;
            for (long i = 0; System.nanoTime() < end; i++) {
                assertThat(encoder.encode("text " + i).pooled()).isNotEmpty();
                if (i == 0) {
                    System.out.println("at work");
                }
                if (asked.get() && end == Long.MAX_VALUE) {
                    end = System.nanoTime() + 500_000_000L;
                }
            }
        }
    }

    @Test
    void aStoppedWorkSavesAndEndsWithItsOwnCode() throws Exception {
        Path saved = folder.resolve("saved");
        ProcessBuilder builder = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                Work.class.getName(),
                saved.toString()));
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).isEqualTo("at work");
            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(STOPPED);
            assertThat(saved).hasContent("saved");
        } finally {
            process.destroyForcibly();
        }
    }
}
