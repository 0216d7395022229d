package org.reimagen.core.tensor;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What the engine reaches at best, to hold a network's rate against. */
public final class Peak {
    private static final int CHANNELS = 256;
    private static final int SIDE = 16;
    private static final int BATCH = 8;
    private static final int RUNS = 60;

    private Peak() {}

    /**
     * GFLOP/s of a 3×3 convolution in the precision that is fastest here ({@link Precision}), 256 channels, 16×16, batch 8, channels-last; the best of 60 runs. Measured on the
     * {@link EngineThread}: the helpers of another would make those of that one sleep, for as long as the process lives.
     */
    public static double convolution() {
        return EngineThread.call(Peak::measured);
    }

    private static double measured() {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            ScalarType type = Precision.bfloat16IsFast() ? ScalarType.BFloat16 : ScalarType.Float;
            Tensor x = Ops.channelsLast(torch.randn(BATCH, CHANNELS, SIDE, SIDE).to(type));
            Tensor w = Ops.channelsLast(torch.randn(CHANNELS, CHANNELS, 3, 3).to(type));
            long best = Long.MAX_VALUE;
            for (int i = 0; i < RUNS; i++) {
                long start = System.nanoTime();
                torch.conv2d(x, w, new TensorOptional(), new long[] {1, 1}, new long[] {1, 1}, new long[] {1, 1}, 1);
                best = Math.min(best, System.nanoTime() - start);
            }
            double flop = 2.0 * BATCH * SIDE * SIDE * CHANNELS * CHANNELS * 9;
            return flop / best;
        }
    }
}
