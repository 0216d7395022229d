package org.reimagen.eval.distance;

import java.awt.image.BufferedImage;

/** Maps a picture to features in which distances are measured. <b>Thread-safety</b>: one thread. */
public interface FeatureNetwork extends AutoCloseable {
    /** Printed with every figure: network, weights, mode and resize filter. */
    String description();

    /** What the Fréchet distance in these features is called. */
    String frechetName();

    /** What the kernel distance in these features is called. */
    String kernelName();

    /** The vector of an RGB picture of any size. */
    float[] features(BufferedImage rgb);

    @Override
    void close();
}
