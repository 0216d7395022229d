package org.reimagen.eval.distance;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.reimagen.core.checkpoint.SafeTensors;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.tensor.Ops;

/** Features of {@link FidInception}, in float32, one picture at a time. <b>Owns</b>: the network. */
public final class InceptionFeatures implements FeatureNetwork {
    private final FidInception network;
    private final FidMode mode;
    private final String file;

    /**
     * Loads the weights, with no scope open.
     *
     * @param weights safetensors made by {@code golden/convert_inception.py}
     * @throws org.reimagen.core.ReImagenException naming the file or tensor at fault
     */
    public static InceptionFeatures load(Path weights, FidMode mode) {
        SafeTensors file = SafeTensors.open(weights);
        FidInception network = new FidInception();
        Weights.load(network, file);
        return new InceptionFeatures(network, mode, String.valueOf(weights.getFileName()));
    }

    private InceptionFeatures(FidInception network, FidMode mode, String file) {
        this.network = network;
        this.mode = mode;
        this.file = file;
    }

    @Override
    public String description() {
        return "inception_v3 (FID, 2048 channels, %s), mode %s, %s".formatted(file, mode.label(), mode.filter());
    }

    @Override
    public String frechetName() {
        return "frechet_inception_distance";
    }

    @Override
    public String kernelName() {
        return "kernel_inception_distance";
    }

    @Override
    public float[] features(BufferedImage rgb) {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            return Ops.toFloats(network.forward(mode.input(FidMode.chw(rgb), rgb.getWidth(), rgb.getHeight())));
        }
    }

    @Override
    public void close() {
        network.close();
    }
}
