package org.reimagen.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;

/** What is dealt ahead, on which thread, and what becomes of failures. */
@Timeout(30)
class AheadTest {
    /** Deals batches that are only numbers, fails at one step, and remembers what it was asked for. */
    private static final class Numbers implements StageTraining {
        final ConcurrentLinkedQueue<Long> dealt = new ConcurrentLinkedQueue<>();
        final ConcurrentLinkedQueue<Thread> threads = new ConcurrentLinkedQueue<>();
        final CountDownLatch fifth = new CountDownLatch(1);
        volatile long broken = -1;

        @Override
        public Batch deal(long step) {
            dealt.add(step);
            threads.add(Thread.currentThread());
            if (step == 5) {
                fifth.countDown();
            }
            if (step == broken) {
                throw new ReImagenException("no batch " + step);
            }
            return new Batch() {
                @Override
                public List<String> ids() {
                    return List.of(String.valueOf(step));
                }

                @Override
                public List<Supplier<Tensor>> losses(int most) {
                    throw new UnsupportedOperationException();
                }
            };
        }

        @Override
        public Module network() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void startFrom(ModelFolder model) {
            throw new UnsupportedOperationException();
        }

        @Override
        public BufferedImage samples(Map<String, Tensor> averages) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void publish(Path folder, Map<String, Tensor> averages, Map<String, String> metadata) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void theNextBatchIsBegunBeforeItIsAskedFor() throws InterruptedException {
        Numbers numbers = new Numbers();
        try (Ahead ahead = new Ahead(numbers)) {
            assertThat(ahead.take(4, 10).ids()).containsExactly("4");
            numbers.fifth.await();
            assertThat(numbers.dealt).containsExactly(4L, 5L);
            assertThat(ahead.take(5, 10).ids()).containsExactly("5");
        }
        assertThat(numbers.threads).doesNotContain(Thread.currentThread());
    }

    @Test
    void nothingIsDealtPastTheEndAndAJumpDealsAnew() {
        Numbers numbers = new Numbers();
        try (Ahead ahead = new Ahead(numbers)) {
            assertThat(ahead.take(0, 10).ids()).containsExactly("0");
            assertThat(ahead.take(9, 10).ids()).containsExactly("9");
        }
        assertThat(numbers.dealt).contains(0L, 9L).doesNotContain(10L);
    }

    @Test
    void aFailureSurfacesAtItsOwnStepAndTheThreadEnds() throws InterruptedException {
        Numbers numbers = new Numbers();
        numbers.broken = 3;
        try (Ahead ahead = new Ahead(numbers)) {
            assertThat(ahead.take(2, 10).ids()).containsExactly("2");
            assertThatThrownBy(() -> ahead.take(3, 10))
                    .isInstanceOf(ReImagenException.class)
                    .hasMessage("no batch 3");
            numbers.broken = -1;
            assertThat(ahead.take(3, 10).ids()).containsExactly("3");
        }
        for (Thread thread : numbers.threads) {
            thread.join();
        }
    }
}
