package org.reimagen.core.tensor;

import org.bytedeco.pytorch.global.torch;

/** The native engine as a whole. */
public final class Engine {
    private Engine() {}

    /** Loads LibTorch if need be and says how it computes: threads and the convolution library. */
    public static String describe() {
        return torch.get_num_threads() + " threads, "
                + torch.get_mkldnn_version().getString();
    }
}
