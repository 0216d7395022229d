package org.reimagen.core.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.model.DualEncoder;

/** A dual encoder on disk: {@code config.json} and {@code model.safetensors}; a published one's weights are the averages, in bfloat16. */
public final class DualEncoderFolder {
    private static final String CONFIG = "config.json";

    private final Path folder;

    /** The encoder in {@code folder}; nothing is read yet. */
    public DualEncoderFolder(Path folder) {
        this.folder = folder;
    }

    /** Where it lies. */
    public Path folder() {
        return folder;
    }

    /** The weights' file. */
    public Path weights() {
        return folder.resolve("model.safetensors");
    }

    /**
     * Its configuration.
     *
     * @throws ReImagenException naming the file if it is missing, or the field if it is unknown or does not fit
     */
    public DualEncoderStageConfig config() {
        Path file = folder.resolve(CONFIG);
        if (!Files.isRegularFile(file)) {
            throw new ReImagenException(folder + ": is no dual encoder, config.json is missing");
        }
        return ConfigFile.read(file, DualEncoderStageConfig.class);
    }

    /** Builds the network and loads its weights, strictly. <b>Owns</b>: the caller. */
    public DualEncoder load() {
        DualEncoderStageConfig config = config();
        SafeTensors weights = SafeTensors.open(weights());
        DualEncoder net = new DualEncoder(config.dualEncoder());
        Weights.load(net, weights);
        net.eval();
        return net;
    }

    /** SHA-256 of the weights' file, the name of this very encoder. */
    public String hash() {
        return ConfigFile.sha256(weights());
    }

    /**
     * Writes weights in bfloat16, then the configuration.
     *
     * @param metadata string metadata of the weights, such as {@code modelspec.title}
     */
    public void write(DualEncoderStageConfig config, Map<String, Tensor> weights, Map<String, String> metadata) {
        Map<String, String> all = new LinkedHashMap<>(metadata);
        all.putIfAbsent("modelspec.sai_model_spec", "1.0.1");
        all.putIfAbsent("modelspec.architecture", "re-imagen-dual-encoder");
        all.putIfAbsent("modelspec.implementation", "https://arxiv.org/abs/2103.00020");
        SafeTensors.write(weights(), all, Weights.bfloat16(weights));
        ConfigFile.write(folder.resolve(CONFIG), config);
    }
}
