package org.reimagen.core.tensor;

import org.bytedeco.pytorch.global.torch;

/**
 * While it is open, the thread that opened it computes alone.
 *
 * <p>For work of many small operations beside other busy threads, such as loading a network: helpers that wait for each other by
 * spinning would take the cores from those.
 */
public final class Alone implements AutoCloseable {
    private final int before = torch.get_num_threads();

    /** Begins. */
    public Alone() {
        torch.set_num_threads(1);
    }

    @Override
    public void close() {
        torch.set_num_threads(before);
    }
}
