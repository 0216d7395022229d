package org.reimagen.core.checkpoint;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.model.SuperResolutionUNet;
import org.reimagen.core.model.UNet;

/**
 * A model on disk, in the layout that diffusers' users know.
 *
 * <pre>
 * model_index.json
 * base/config.json
 * base/diffusion_pytorch_model.safetensors
 * layout/…              the same two files, where a smaller network draws at high noise
 * sr256/…, sr1024/…     the same two files, for the stages that are trained
 * scheduler/scheduler_config.json
 * </pre>
 *
 * <p>The weights of a published model are the exponential moving averages.
 */
public final class ModelFolder {
    private static final String BASE = "base";

    /** The folder of the network that draws at high noise in place of the base. */
    public static final String LAYOUT = "layout";

    private final Path folder;

    /** The model in {@code folder}; nothing is read yet. */
    public ModelFolder(Path folder) {
        this.folder = folder;
    }

    /** Where it lies. */
    public Path folder() {
        return folder;
    }

    private Path stage(String stage, String file) {
        return folder.resolve(stage).resolve(file);
    }

    /** The weights' file of a stage: {@code base}, {@code layout}, {@code sr256} or {@code sr1024}. */
    public Path weights(String stage) {
        return stage(stage, "diffusion_pytorch_model.safetensors");
    }

    /** The weights of the 64×64 stage. */
    public Path baseWeights() {
        return weights(BASE);
    }

    /**
     * Configuration of the 64×64 stage.
     *
     * @throws ReImagenException naming the file if it is missing, or the field if it is unknown or does not fit
     */
    public StageConfig baseConfig() {
        Path file = stage(BASE, "config.json");
        if (!Files.isRegularFile(file)) {
            throw new ReImagenException(folder + ": is no model folder, base/config.json is missing");
        }
        return ConfigFile.read(file, StageConfig.class);
    }

    /**
     * Configuration of the stage that draws pictures of {@code resolution}, empty if the model has none.
     *
     * @throws ReImagenException naming the file, or the field that is unknown or does not fit
     */
    public Optional<SuperResolutionStageConfig> superResolutionConfig(int resolution) {
        Path file = stage("sr" + resolution, "config.json");
        return Files.isRegularFile(file)
                ? Optional.of(ConfigFile.read(file, SuperResolutionStageConfig.class))
                : Optional.empty();
    }

    /**
     * Configuration of the layout network, empty if the model has none: then the base draws at every noise level.
     *
     * @throws ReImagenException naming the file, or the field that is unknown or does not fit
     */
    public Optional<StageConfig> layoutConfig() {
        Path file = stage(LAYOUT, "config.json");
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        StageConfig layout = ConfigFile.read(file, StageConfig.class);
        StageConfig base = baseConfig();
        if (base.resolution() % layout.resolution() != 0) {
            throw new ReImagenException("%s: resolution must divide the base's %d, was %d"
                    .formatted(file, base.resolution(), layout.resolution()));
        }
        if (!layout.textEncoder().equals(base.textEncoder())) {
            throw new ReImagenException("%s: text_encoder must be the base's %s, was %s"
                    .formatted(file, base.textEncoder(), layout.textEncoder()));
        }
        return Optional.of(layout);
    }

    /** Builds the 64×64 network and loads its weights, strictly. <b>Owns</b>: the caller. */
    public UNet loadBase() {
        return load(baseConfig(), BASE);
    }

    /** Builds the layout network and loads its weights, strictly. <b>Owns</b>: the caller. */
    public UNet loadLayout(StageConfig config) {
        return load(config, LAYOUT);
    }

    private UNet load(StageConfig config, String stage) {
        SafeTensors weights = SafeTensors.open(weights(stage));
        UNet net = new UNet(config.unet());
        Weights.load(net, weights);
        net.eval();
        return net;
    }

    /** Builds a super-resolution network and loads its weights, strictly. <b>Owns</b>: the caller. */
    public SuperResolutionUNet loadSuperResolution(SuperResolutionStageConfig config) {
        SafeTensors weights = SafeTensors.open(weights(config.folder()));
        SuperResolutionUNet net = new SuperResolutionUNet(config.network());
        Weights.load(net, weights);
        net.eval();
        return net;
    }

    /**
     * The name of this very model in every output: SHA-256 of the base weights' file; where there is a layout network, of the two files'
     * hashes in hexadecimal, base first.
     */
    public String modelHash() {
        return hashed().size() > 1
                ? ConfigFile.sha256((hash(BASE) + hash(LAYOUT)).getBytes(StandardCharsets.US_ASCII))
                : hash(BASE);
    }

    /** The files that {@link #modelHash} is of. */
    public List<Path> hashed() {
        return Files.isRegularFile(weights(LAYOUT)) ? List.of(weights(BASE), weights(LAYOUT)) : List.of(weights(BASE));
    }

    /** SHA-256 of a stage's weights' file. */
    public String hash(String stage) {
        return ConfigFile.sha256(weights(stage));
    }

    /**
     * Writes the 64×64 stage as a published model: configuration, then weights in bfloat16.
     *
     * @param metadata string metadata of the weights, such as {@code modelspec.title}
     */
    public void writeBase(StageConfig config, Map<String, Tensor> weights, Map<String, String> metadata) {
        writeIndex(config, List.of(BASE));
        write(BASE, config, weights, metadata);
    }

    /** Writes the layout network: configuration, then weights in bfloat16. */
    public void writeLayout(StageConfig config, Map<String, Tensor> weights, Map<String, String> metadata) {
        write(LAYOUT, config, weights, metadata);
    }

    private void write(String stage, StageConfig config, Map<String, Tensor> weights, Map<String, String> metadata) {
        ConfigFile.write(stage(stage, "config.json"), config);
        SafeTensors.write(weights(stage), described(metadata, "re-imagen-unet"), Weights.bfloat16(weights));
    }

    /** Writes a super-resolution stage: configuration, then weights in bfloat16. */
    public void writeSuperResolution(
            SuperResolutionStageConfig config, Map<String, Tensor> weights, Map<String, String> metadata) {
        ConfigFile.write(stage(config.folder(), "config.json"), config);
        Map<String, String> all = described(metadata, "re-imagen-super-resolution");
        SafeTensors.write(weights(config.folder()), all, Weights.bfloat16(weights));
    }

    /**
     * Takes a stage over from another model, as it is: weights first, so that a stage with a configuration is whole.
     *
     * @param stage {@code base}, {@code layout}, {@code sr256} or {@code sr1024}
     */
    public void copyStage(String stage, ModelFolder from) {
        copy(from.weights(stage), weights(stage));
        copy(from.stage(stage, "config.json"), stage(stage, "config.json"));
    }

    private static void copy(Path from, Path to) {
        if (!Files.isRegularFile(from)) {
            throw new ReImagenException(from + ": is missing");
        }
        AtomicFile.write(to, out -> Files.copy(from, out));
    }

    private static Map<String, String> described(Map<String, String> metadata, String architecture) {
        Map<String, String> all = new LinkedHashMap<>(metadata);
        all.putIfAbsent("modelspec.sai_model_spec", "1.0.1");
        all.putIfAbsent("modelspec.architecture", architecture);
        all.putIfAbsent("modelspec.implementation", "https://arxiv.org/abs/2209.14491");
        return all;
    }

    /** Writes what the folder as a whole is: {@code model_index.json} and the scheduler's configuration. */
    public void writeIndex(StageConfig base, List<String> stages) {
        ConfigFile.write(folder.resolve("model_index.json"), index(base, stages));
        ConfigFile.write(folder.resolve("scheduler").resolve("scheduler_config.json"), scheduler());
    }

    private static Map<String, Object> index(StageConfig config, List<String> stages) {
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("_class_name", "ReImagen");
        index.put("stages", stages);
        index.put("resolution", config.resolution());
        index.put("text_encoder", config.textEncoder());
        return index;
    }

    private static Map<String, Object> scheduler() {
        Map<String, Object> scheduler = new LinkedHashMap<>();
        scheduler.put("_class_name", "DpmSolverPlusPlus2M");
        scheduler.put("noise_schedule", "cosine");
        scheduler.put("prediction_type", "v_prediction");
        scheduler.put("clip_sample", true);
        return scheduler;
    }
}
