package org.reimagen.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real SIGTERM to the real process. */
class ServeProcessTest {
    private static final int STEPS = 50;

    @TempDir
    Path folder = Path.of("");

    @Test
    void aTerminatedServerDeliversWhatItDrawsAndIsNotReadyMeanwhile() throws Exception {
        try (ServeProcess server = ServeProcess.start(folder)) {
            assertThat(server.get("/ready").statusCode()).isEqualTo(200);
            CompletableFuture<HttpResponse<String>> taken = server.draw(STEPS, 4);
            for (int i = 0; i < 600 && server.metric("reimagen_batch_size_count") < 1; i++) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            assertThat(taken).isNotDone();
            long start = System.nanoTime();
            server.terminate();
            assertThat(firstRefusal(server, taken)).isEqualTo(503);
            assertThat(taken.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            assertThat(taken.get().body()).contains("\"b64_png\"");
            assertThat(server.awaitEnd(30)).isTrue();
            assertThat(System.nanoTime() - start).isLessThan(30_000_000_000L);
        }
    }

    /** The first status but 200 that {@code /ready} gives while the drawing goes on; 200 if it gives no other. */
    private static int firstRefusal(ServeProcess server, CompletableFuture<?> drawing) throws Exception {
        while (!drawing.isDone()) {
            int status = server.get("/ready").statusCode();
            if (status != 200) {
                return status;
            }
        }
        return 200;
    }
}
