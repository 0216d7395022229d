package org.reimagen.eval.distance;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.reimagen.core.ReImagenException;
import org.reimagen.knowledge.draw.PictureException;
import org.reimagen.knowledge.draw.Pictures;

/** Statistics of a set of pictures: a folder with all below it, or a file of statistics. */
public final class PictureSet {
    private static final Set<String> ENDINGS = Set.of("bmp", "jpg", "jpeg", "png", "gif", "webp");
    private static final int REPORT_EVERY = 500;

    private final FeatureNetwork network;
    private final Consumer<String> progress;

    /**
     * @param network stays the caller's
     * @param progress told in a line how far it is
     */
    public PictureSet(FeatureNetwork network, Consumer<String> progress) {
        this.network = network;
        this.progress = progress;
    }

    /**
     * Reads or computes.
     *
     * @param path folder of pictures, or {@code .npz} in pytorch-fid's layout
     * @throws ReImagenException naming what is missing, broken or fewer than two
     */
    public Statistics statistics(Path path) {
        if (path.toString().endsWith(".npz")) {
            return StatisticsFile.read(path, network.description());
        }
        List<Path> files = files(path);
        if (files.size() < 2) {
            throw new ReImagenException(path + ": at least two pictures are needed, found " + files.size());
        }
        List<float[]> features = new ArrayList<>();
        for (Path file : files) {
            features.add(features(file));
            if (features.size() % REPORT_EVERY == 0) {
                progress.accept("%s: %d of %d pictures".formatted(path, features.size(), files.size()));
            }
        }
        return Statistics.of(features);
    }

    /** All pictures below a folder, by name. */
    private static List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new ReImagenException(folder + ": is neither a folder nor a .npz file");
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(PictureSet::isPicture).sorted().toList();
        } catch (IOException e) {
            throw new ReImagenException(folder + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean isPicture(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1)) && Files.isRegularFile(file);
    }

    private float[] features(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            return network.features(Pictures.on(Color.WHITE, Pictures.decode(file.toString(), bytes)));
        } catch (PictureException e) {
            throw new ReImagenException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new ReImagenException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
