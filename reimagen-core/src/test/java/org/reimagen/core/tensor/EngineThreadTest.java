package org.reimagen.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class EngineThreadTest {
    @Test
    void everyCallerIsServedByTheSameThread() throws Exception {
        Thread first = EngineThread.call(Thread::currentThread);
        assertThat(first).isNotSameAs(Thread.currentThread());
        List<Thread> callers = IntStream.range(0, 4)
                .mapToObj(i -> Thread.ofVirtual()
                        .start(() -> assertThat(EngineThread.call(Thread::currentThread))
                                .isSameAs(first)))
                .toList();
        for (Thread caller : callers) {
            caller.join();
        }
    }

    @Test
    void workThatCallsItAgainIsDoneAtOnce() {
        AtomicInteger done = new AtomicInteger();
        EngineThread.run(() -> EngineThread.run(done::incrementAndGet));
        assertThat(done).hasValue(1);
    }

    @Test
    void whatFailsIsThrownToTheCallerAndTheThreadGoesOn() {
        assertThatThrownBy(() -> EngineThread.run(() -> {
                    throw new IllegalArgumentException("no such thing");
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no such thing");
        assertThatThrownBy(() -> EngineThread.run(() -> {
                    throw new OutOfMemoryError("planted");
                }))
                .isInstanceOf(OutOfMemoryError.class);
        assertThat(EngineThread.<Integer>call(() -> 7)).isEqualTo(7);
    }

    @Test
    void theEngineCanBeLoadedAheadAndWaitedFor() {
        EngineThread.warmUp();
        EngineThread.settle();
        assertThat(EngineThread.<Long>call(() -> {
                    try (Tensor ones = torch.ones(3)) {
                        return ones.numel();
                    }
                }))
                .isEqualTo(3);
    }

    @Test
    void whoComputesAloneHasItsHelpersBackAfterwards() {
        EngineThread.run(() -> {
            int before = torch.get_num_threads();
            torch.set_num_threads(3);
            try (var _ = new Alone()) {
                assertThat(torch.get_num_threads()).isEqualTo(1);
            }
            assertThat(torch.get_num_threads()).isEqualTo(3);
            torch.set_num_threads(before);
        });
    }

    @Test
    void anInterruptedCallerWaitsAndStaysInterrupted() {
        Thread.currentThread().interrupt();
        assertThat(EngineThread.<Integer>call(() -> 7)).isEqualTo(7);
        assertThat(Thread.interrupted()).isTrue();
    }
}
