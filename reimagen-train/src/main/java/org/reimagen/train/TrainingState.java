package org.reimagen.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.AtomicFile;
import org.reimagen.core.checkpoint.SafeTensors;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.train.optim.Optimizer;

/**
 * Weights, averages and optimiser of a run: everything besides (seed, step) that the next step depends on.
 *
 * <p>On disk a folder {@code checkpoint-<step>} with {@code training.json} and one fp32 safetensors, made aside and renamed,
 * so that every folder of that name is whole. One that is saved anew waits aside until the new one has its name.
 */
final class TrainingState {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();
    private static final String PREFIX = "checkpoint-";
    private static final String REPLACED = ".replaced-";
    private static final int KEPT = 2;

    private final TrainingConfig config;
    private final Map<String, Tensor> parameters;
    private final Ema ema;
    private final Optimizer optimizer;
    private long step;

    TrainingState(TrainingConfig config, Module net) {
        this.config = config;
        this.parameters = Weights.named(net);
        this.ema = new Ema(parameters, config.optimization().emaDecay());
        this.optimizer = config.optimization()
                .optimizer()
                .over(parameters, config.optimization().weightDecay());
    }

    Map<String, Tensor> parameters() {
        return parameters;
    }

    Ema ema() {
        return ema;
    }

    Optimizer optimizer() {
        return optimizer;
    }

    /** Steps done. */
    long step() {
        return step;
    }

    void stepDone() {
        step++;
    }

    private Map<String, Tensor> all() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        parameters.forEach((name, t) -> all.put("net/" + name, t));
        ema.averages().forEach((name, t) -> all.put("ema/" + name, t));
        all.putAll(optimizer.state());
        return all;
    }

    /** Saves into {@code folder/checkpoint-<step>} and deletes all but the newest two. */
    Path save(Path folder) {
        Path target = folder.resolve(PREFIX + "%08d".formatted(step));
        Path temporary = folder.resolve(".saving");
        try (var _ = new PointerScope()) {
            delete(temporary);
            Files.createDirectories(temporary);
            SafeTensors.write(temporary.resolve("state.safetensors"), Map.of("step", String.valueOf(step)), all());
            byte[] json = JSON.writeValueAsBytes(config);
            AtomicFile.write(temporary.resolve("training.json"), out -> out.write(json));
            recover(folder);
            Path replaced = folder.resolve(REPLACED + target.getFileName());
            if (Files.exists(target)) {
                Files.move(target, replaced, StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            AtomicFile.force(folder);
            delete(replaced);
            List<Path> all = checkpoints(folder);
            for (Path old : all.subList(0, Math.max(0, all.size() - KEPT))) {
                delete(old);
            }
            return target;
        } catch (IOException e) {
            throw new ReImagenException(target + ": the checkpoint cannot be saved: " + e.getMessage(), e);
        }
    }

    /** Gives a checkpoint its name back that a kill left aside, or deletes it if the one that replaces it is there. */
    private static void recover(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path replaced : files.filter(f -> name(f).startsWith(REPLACED)).toList()) {
                Path target = folder.resolve(name(replaced).substring(REPLACED.length()));
                if (Files.exists(target)) {
                    delete(replaced);
                } else {
                    Files.move(replaced, target, StandardCopyOption.ATOMIC_MOVE);
                }
            }
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** The newest checkpoint in a run's folder. */
    static Optional<Path> latest(Path folder) {
        if (Files.isDirectory(folder)) {
            try {
                recover(folder);
            } catch (IOException e) {
                throw new ReImagenException(folder + ": a checkpoint cannot be recovered: " + e.getMessage(), e);
            }
        }
        List<Path> all = checkpoints(folder);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    private static List<Path> checkpoints(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> name(f).matches(PREFIX + "\\d{8}"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new ReImagenException(folder + ": cannot be listed: " + e.getMessage(), e);
        }
    }

    /** The configuration inside a checkpoint. */
    static TrainingConfig config(Path checkpoint) {
        Path file = checkpoint.resolve("training.json");
        try {
            return JSON.readValue(Files.readAllBytes(file), TrainingConfig.class);
        } catch (JsonProcessingException e) {
            throw new ReImagenException(file + ": " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ReImagenException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Goes on from a checkpoint.
     *
     * @throws ReImagenException naming the field in which its configuration differs from this run's
     */
    void resume(Path checkpoint) {
        TrainingConfig saved = config(checkpoint);
        refuse(checkpoint, "network, resolution or text encoder", saved.stage(), config.stage());
        refuse(checkpoint, "knowledge base", saved.knowledgeBase(), config.knowledgeBase());
        refuse(checkpoint, "seed, batch size or small steps", saved.data(), config.data());
        refuse(
                checkpoint,
                "optimizer",
                saved.optimization().optimizer(),
                config.optimization().optimizer());
        try (var _ = new PointerScope()) {
            SafeTensors file = SafeTensors.open(checkpoint.resolve("state.safetensors"));
            all().forEach((name, tensor) -> tensor.detach().copy_(file.tensor(name)));
            step = Long.parseLong(file.metadata().getOrDefault("step", "0"));
        }
    }

    private static void refuse(Path checkpoint, String field, Object saved, Object asked) {
        if (!saved.equals(asked)) {
            throw new ReImagenException(
                    "%s: was trained with another %s: %s, asked for %s".formatted(checkpoint, field, saved, asked));
        }
    }
}
