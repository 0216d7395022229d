package org.reimagen.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Order, failures, and how many of the engine's threads each one has. */
@Timeout(30)
class TeamTest {
    private static List<Supplier<Integer>> parts(int count, Supplier<Integer> part) {
        return new ArrayList<>(IntStream.range(0, count).mapToObj(i -> part).toList());
    }

    @Test
    void eachThreadComputesAloneAndTheCallerAsBefore() {
        torch.set_num_threads(3);
        try (Team team = new Team(2)) {
            assertThat(team.run(parts(8, torch::get_num_threads))).hasSize(8).containsOnly(1);
            assertThat(torch.get_num_threads()).isEqualTo(3);
        } finally {
            torch.set_num_threads(1);
        }
    }

    @Test
    void partsRunAtOnceAndResultsKeepTheirOrder() {
        try (Team team = new Team(2)) {
            CountDownLatch both = new CountDownLatch(2);
            List<Supplier<Integer>> parts = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                int result = i;
                parts.add(() -> {
                    both.countDown();
                    await(both);
                    return result;
                });
            }
            assertThat(team.run(parts)).containsExactly(0, 1, 2, 3, 4, 5);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aFailureIsThrownOnceAllHaveEnded() {
        try (Team team = new Team(2)) {
            AtomicInteger ended = new AtomicInteger();
            List<Supplier<Integer>> parts = parts(5, ended::incrementAndGet);
            parts.addFirst(() -> {
                throw new IllegalArgumentException("the first part");
            });
            assertThatThrownBy(() -> team.run(parts))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the first part");
            assertThat(ended).hasValue(5);
            assertThat(team.run(parts(1, ended::incrementAndGet))).containsExactly(6);
        }
    }

    @Test
    void anInterruptWaitsUntilTheWorkIsDone() {
        try (Team team = new Team(1)) {
            Thread.currentThread().interrupt();
            assertThat(team.run(parts(1, () -> 7))).containsExactly(7);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void nobodyIsNoTeam() {
        assertThatThrownBy(() -> new Team(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
