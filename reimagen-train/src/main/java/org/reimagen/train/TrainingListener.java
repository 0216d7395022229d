package org.reimagen.train;

import java.awt.image.BufferedImage;
import java.nio.file.Path;

/** Hears how a run goes, on its thread. */
public interface TrainingListener {
    /** After every step. */
    void onStep(Progress progress);

    /** A checkpoint is on disk. */
    void onSaved(Path checkpoint);

    /** A batch was skipped because its loss or gradients were not finite. */
    void onSkipped(long step, String ids);

    /** A sheet of held-out samples was drawn. */
    void onSamples(long step, BufferedImage sheet);

    /**
     * Where a run stands.
     *
     * @param step steps done
     * @param maxSteps of the whole run
     * @param loss of this step
     * @param learningRate of this step
     * @param imagesPerSecond mean since the run was started or resumed
     */
    record Progress(long step, long maxSteps, double loss, double learningRate, double imagesPerSecond) {
        /** Expected time to the end. */
        public java.time.Duration left(int batchSize) {
            return java.time.Duration.ofSeconds(
                    (long) ((maxSteps - step) * batchSize / Math.max(1e-9, imagesPerSecond)));
        }
    }
}
