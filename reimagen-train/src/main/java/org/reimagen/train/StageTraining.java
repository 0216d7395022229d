package org.reimagen.train;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.checkpoint.ModelFolder;

/** One stage of the cascade as the training loop sees it: a network, what it is shown at each step, and its loss. */
public interface StageTraining {
    /** The network that is trained. */
    Module network();

    /**
     * Starts from a published model's weights instead of fresh ones; before a {@link Trainer} is made.
     *
     * @throws org.reimagen.core.ReImagenException naming the stage or tensor that does not fit
     */
    void startFrom(ModelFolder model);

    /**
     * What is shown at a step: a function of (seed, step) alone. <b>Thread-safety</b>: called on another thread than the rest,
     * while a step trains; nothing native is made here.
     */
    Batch deal(long step);

    /** A batch that is ready to be learned from. */
    interface Batch {
        /** Ids of its pictures. */
        List<String> ids();

        /**
         * Losses of parts of the batch that can be learned from side by side; they add up to the batch's. Each is a scalar with its
         * graph, may be asked for on any thread, and is owned by the innermost scope that is open there.
         *
         * @param most parts, at least 1; a batch that is one whole has one
         */
        List<Supplier<Tensor>> losses(int most);
    }

    /** A sheet of held-out samples drawn with {@code averages}. */
    BufferedImage samples(Map<String, Tensor> averages);

    /** Writes the stage as part of a published model. */
    void publish(Path folder, Map<String, Tensor> averages, Map<String, String> metadata);
}
