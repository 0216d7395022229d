package org.reimagen.train;

import java.awt.image.BufferedImage;
import java.nio.file.Path;

/** For runs that only step: a step says nothing, and anything else would be a mistake. */
final class SilentListener implements TrainingListener {
    @Override
    public void onStep(Progress progress) {
        // Nothing to tell: whoever steps reads the loss itself.
    }

    @Override
    public void onSaved(Path checkpoint) {
        throw new IllegalStateException("this run saves nothing");
    }

    @Override
    public void onSkipped(long step, String ids) {
        throw new IllegalStateException("loss or gradients were not finite at step " + step + " for " + ids);
    }

    @Override
    public void onSamples(long step, BufferedImage sheet) {
        throw new IllegalStateException("this run draws nothing");
    }
}
