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
 * Ten times what a server in another process serves, for a quarter of a minute ({@code -Doverload.seconds}): an open loop, which sends on
 * whether or not it was answered, and whose pace follows the server's.
 */
@Tag("slow")
class OverloadTest {
    private static final int SECONDS = Integer.getInteger("overload.seconds", 15);
    private static final int TIMES = 10;
    /** Requests a second that are offered at least. */
    private static final double FLOOR = 5;
    /** Seconds of answers that the pace follows. */
    private static final int RECENT = 5;

    private static final int STEPS = 4;
    private static final double MIB = 1 << 20;
    private static final double SECOND = 1e9;

    @TempDir
    Path folder = Path.of("");

    /** One answer, how long it took, and when it came, in nanoseconds of this process. */
    private record Answer(int status, boolean retryAfter, double millis, long at) {}

    /** When requests were sent, in nanoseconds of this process, from {@code start} until {@code end}. */
    private record Offer(long start, long end, List<Long> sent) {
        /** What was offered, of which was served, in a part of the time from 0 to 1. */
        private Share share(double from, double to, Collection<Answer> answers) {
            long first = start + (long) (from * (end - start));
            long last = start + (long) (to * (end - start));
            return new Share(
                    sent.stream().filter(t -> t >= first && t < last).count(),
                    answers.stream()
                            .filter(a -> a.status() == 200 && a.at() >= first && a.at() < last)
                            .count(),
                    (last - first) / SECOND);
        }
    }

    /** Requests sent and drawings delivered in so many seconds. */
    private record Share(long offered, long served, double seconds) {
        private double ratio() {
            return (double) offered / served;
        }

        private String line() {
            return "offered %d (%.1f a second), served %d (%.1f a second): %.1f times"
                    .formatted(offered, offered / seconds, served, served / seconds, ratio());
        }
    }

    /** Memory at one moment, in bytes. */
    private record Memory(double heap, double resident) {
        private String line() {
            return "heap %.0f MiB, resident %.0f MiB".formatted(heap / MIB, resident / MIB);
        }
    }

    @Test
    void everyRequestIsAnsweredAndTheServerStaysHealthy() throws Exception {
        try (ServeProcess server = ServeProcess.start(folder, "--queue=8")) {
            double cold = capacity(server);
            double warm = Math.max(cold, capacity(server)); // once more, now that the code is compiled
            Queue<Double> health = new ConcurrentLinkedQueue<>();
            List<Memory> memory = new ArrayList<>();
            Thread looking = Thread.startVirtualThread(() -> look(server, health));
            Thread watching = Thread.startVirtualThread(() -> watch(server, memory));
            Queue<Answer> answers = new ConcurrentLinkedQueue<>();
            Offer offer = offer(server, warm, answers);
            looking.interrupt();
            watching.interrupt();
            looking.join();
            watching.join();
            report(offer, answers, health, memory);
            assertThat(answers)
                    .hasSize(offer.sent().size())
                    .allMatch(a -> a.status() == 200 || (a.status() == 429 && a.retryAfter()));
            assertThat(answers.stream().filter(a -> a.status() == 429)).isNotEmpty();
            assertThat(offer.share(0, 1, answers).ratio()).isGreaterThanOrEqualTo(0.9 * TIMES);
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

    /** Sends ten times what is served, at first what {@code warm} says. Returns once all are answered. */
    private static Offer offer(ServeProcess server, double warm, Collection<Answer> answers) throws Exception {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        long start = System.nanoTime();
        Offer offer = new Offer(start, start + TimeUnit.SECONDS.toNanos(SECONDS), new ArrayList<>());
        double rate = Math.max(FLOOR, TIMES * warm);
        long look = start + TimeUnit.SECONDS.toNanos(1);
        for (long due = start; due < offer.end(); due += (long) (SECOND / rate)) {
            TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
            if (due >= look) {
                rate = pace(offer, answers);
                look += TimeUnit.SECONDS.toNanos(1);
            }
            long sent = System.nanoTime();
            offer.sent().add(sent);
            all.add(server.draw(STEPS, 1).thenAccept(response -> answers.add(answer(response, sent))));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(5, TimeUnit.MINUTES);
        return offer;
    }

    private static Answer answer(HttpResponse<String> response, long sent) {
        long now = System.nanoTime();
        boolean retryAfter = response.headers().firstValue("Retry-After").isPresent();
        return new Answer(response.statusCode(), retryAfter, (now - sent) / 1e6, now);
    }

    /** Ten times the drawings a second of late, and what the offer lags behind ten times all of them, made up as slowly. */
    private static double pace(Offer offer, Collection<Answer> answers) {
        long now = System.nanoTime();
        double seconds = Math.min(RECENT, (now - offer.start()) / SECOND);
        double served = 0;
        double lately = 0;
        for (Answer answer : answers) {
            if (answer.status() == 200) {
                served++;
                lately += now - answer.at() < seconds * SECOND ? 1 : 0;
            }
        }
        double behind = Math.max(0, TIMES * served - offer.sent().size());
        return Math.max(FLOOR, TIMES * lately / seconds + behind / RECENT);
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
            Offer offer, Collection<Answer> answers, Collection<Double> health, List<Memory> memory) {
        List<String> lines = new ArrayList<>();
        lines.add("in %d s %s".formatted(SECONDS, offer.share(0, 1, answers).line()));
        for (int i = 0; i < 3; i++) {
            lines.add("third %d: %s"
                    .formatted(
                            i + 1, offer.share(i / 3.0, (i + 1) / 3.0, answers).line()));
        }
        for (int status : new int[] {200, 429}) {
            List<Double> millis = answers.stream()
                    .filter(a -> a.status() == status)
                    .map(Answer::millis)
                    .toList();
            lines.add("%d: %d, ms %s".formatted(status, millis.size(), percentiles(millis)));
        }
        lines.add("health: %d, ms %s".formatted(health.size(), percentiles(health)));
        lines.add("at the start " + memory.getFirst().line());
        lines.add("at the end " + memory.getLast().line());
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
