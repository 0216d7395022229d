package org.reimagen.train;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

        /** A scalar with its graph. <b>Owns</b>: the innermost open scope. */
        Tensor loss();
    }

    /** A sheet of held-out samples drawn with {@code averages}. */
    BufferedImage samples(Map<String, Tensor> averages);

    /** Writes the stage as part of a published model. */
    void publish(Path folder, Map<String, Tensor> averages, Map<String, String> metadata);
}
