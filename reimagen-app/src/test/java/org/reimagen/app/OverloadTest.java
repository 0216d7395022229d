package org.reimagen.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ten times what a server in another process can serve, for two minutes ({@code -Doverload.seconds}): an open loop, which sends on whether
 * or not it was answered.
 */
@Tag("slow")
class OverloadTest {
    private static final int SECONDS = Integer.getInteger("overload.seconds", 120);
    private static final int STEPS = 4;
    private static final double MIB = 1 << 20;

    @TempDir
    Path folder = Path.of("");

    /** One answer and how long it took. */
    private record Answer(int status, boolean retryAfter, double millis) {}

    /** Memory at one moment, in bytes. */
    private record Memory(double heap, double resident) {}

    @Test
    void everyRequestIsAnsweredAndTheServerStaysHealthy() throws Exception {
        try (ServeProcess server = ServeProcess.start(folder, "--queue=8")) {
            double cold = capacity(server);
            double rate = 10 * Math.max(cold, capacity(server)); // once more, now that the code is compiled
            Queue<Double> health = new ConcurrentLinkedQueue<>();
            List<Memory> memory = new ArrayList<>();
            Thread looking = Thread.startVirtualThread(() -> look(server, health));
            Thread watching = Thread.startVirtualThread(() -> watch(server, memory));
            Queue<Answer> answers = new ConcurrentLinkedQueue<>();
            int sent = offer(server, rate, answers);
            looking.interrupt();
            watching.interrupt();
            looking.join();
            watching.join();
            report(rate, sent, answers, health, memory);
            assertThat(answers).hasSize(sent).allMatch(a -> a.status() == 200 || (a.status() == 429 && a.retryAfter()));
            assertThat(answers.stream().filter(a -> a.status() == 429)).isNotEmpty();
            assertFlat(memory);
            assertThat(percentile(health, 99)).isLessThan(100);
        }
    }

    /** Drawings a second that eight clients get, each sending again once it is answered. */
    private static double capacity(ServeProcess server) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Math.max(3, SECONDS / 6));
        long start = System.nanoTime();
        int drawn = 0;
        while (System.nanoTime() < end) {
            List<CompletableFuture<HttpResponse<String>>> eight = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                eight.add(server.draw(STEPS, 1));
            }
            for (CompletableFuture<HttpResponse<String>> one : eight) {
                assertThat(one.get(5, TimeUnit.MINUTES).statusCode()).isEqualTo(200);
                drawn++;
            }
        }
        return drawn / ((System.nanoTime() - start) / 1e9);
    }

    /** Sends so many a second; how many were sent. Returns once all are answered. */
    private static int offer(ServeProcess server, double rate, Collection<Answer> answers) throws Exception {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        long start = System.nanoTime();
        int most = (int) Math.ceil(rate * SECONDS);
        for (int i = 0; i < most; i++) {
            long due = start + (long) (i / rate * 1e9);
            TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
            all.add(server.draw(STEPS, 1)
                    .thenAccept(response -> answers.add(new Answer(
                            response.statusCode(),
                            response.headers().firstValue("Retry-After").isPresent(),
                            (System.nanoTime() - due) / 1e6))));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(5, TimeUnit.MINUTES);
        return most;
    }

    private static void look(ServeProcess server, Collection<Double> health) {
        try {
            while (true) {
                long start = System.nanoTime();
                assertThat(server.get("/health").statusCode()).isEqualTo(200);
                health.add((System.nanoTime() - start) / 1e6);
                TimeUnit.MILLISECONDS.sleep(50);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the load is over
        } catch (java.io.IOException e) {
            health.add(Double.POSITIVE_INFINITY);
        }
    }

    private static void watch(ServeProcess server, List<Memory> memory) {
        try {
            while (true) {
                memory.add(new Memory(
                        server.metric("jvm_memory_used_bytes"), server.metric("process_resident_memory_bytes")));
                TimeUnit.MILLISECONDS.sleep(500);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the load is over
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** From the second third of the time to the last: what the heap falls back to, and the most that is resident. */
    private static void assertFlat(List<Memory> memory) {
        int third = memory.size() / 3;
        List<Memory> middle = memory.subList(third, 2 * third);
        List<Memory> last = memory.subList(2 * third, memory.size());
        assertThat(leastHeap(last)).isLessThan(leastHeap(middle) + 16 * MIB);
        assertThat(mostResident(last)).isLessThan(1.1 * mostResident(middle));
    }

    private static double leastHeap(List<Memory> memory) {
        return memory.stream().mapToDouble(Memory::heap).min().orElseThrow();
    }

    private static double mostResident(List<Memory> memory) {
        return memory.stream().mapToDouble(Memory::resident).max().orElseThrow();
    }

    private static double percentile(Collection<Double> values, int percent) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
    }

    private static void report(
            double rate, int sent, Collection<Answer> answers, Collection<Double> health, List<Memory> memory) {
        List<String> lines = new ArrayList<>();
        lines.add("offered %.1f a second for %d s: %d".formatted(rate, SECONDS, sent));
        for (int status : new int[] {200, 429}) {
            List<Double> millis = answers.stream()
                    .filter(a -> a.status() == status)
                    .map(Answer::millis)
                    .toList();
            lines.add("%d: %d, ms %s".formatted(status, millis.size(), percentiles(millis)));
        }
        lines.add("health: %d, ms %s".formatted(health.size(), percentiles(health)));
        int third = memory.size() / 3;
        for (int i = 0; i < 3 && third > 0; i++) {
            List<Memory> part = memory.subList(i * third, (i + 1) * third);
            lines.add("third %d: heap falls back to %.0f MiB, resident at most %.0f MiB"
                    .formatted(i + 1, leastHeap(part) / MIB, mostResident(part) / MIB));
        }
        lines.forEach(org.slf4j.LoggerFactory.getLogger(OverloadTest.class)::warn);
    }

    private static String percentiles(Collection<Double> values) {
        return values.isEmpty()
                ? "none"
                : Arrays.stream(new int[] {50, 95, 99})
                        .mapToObj(p -> String.format(Locale.ROOT, "p%d %.0f", p, percentile(values, p)))
                        .toList()
                        .toString();
    }
}
