package org.reimagen.eval.protocol;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import javax.imageio.ImageIO;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.AtomicFile;
import org.reimagen.eval.distance.FeatureNetwork;
import org.reimagen.eval.distance.FrechetDistance;
import org.reimagen.eval.distance.KernelDistance;
import org.reimagen.eval.distance.Statistics;
import org.reimagen.knowledge.draw.PictureException;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.ingest.CaptionedPicture;

/**
 * Draws captions of a data set and compares the drawings with all its pictures, as Re-Imagen's tables do.
 *
 * <p>Drawings are kept as {@code w<guidance>/<id>.png} and not drawn again by a later run with the same folder.
 * <b>Source</b>: Re-Imagen, arXiv 2209.14491, tables 1 and 2.
 */
public final class CaptionProtocol {
    private static final int REPORT_EVERY = 100;

    private final FeatureNetwork network;
    private final Path folder;
    private final Consumer<String> progress;

    /**
     * @param network stays the caller's
     * @param folder for the drawings
     * @param progress told in a line how far it is
     */
    public CaptionProtocol(FeatureNetwork network, Path folder, Consumer<String> progress) {
        this.network = network;
        this.folder = folder;
        this.progress = progress;
    }

    /**
     * What one guidance weight came to.
     *
     * @param real pictures of the data set that were compared with
     * @param drawn pictures drawn
     */
    public record Result(double guidance, int real, int drawn, double frechet, KernelDistance kernel) {
        /** By the names under which the figures are stored. */
        public Map<String, Object> toMap(FeatureNetwork network) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("guidance_scale", guidance);
            map.put("n_real", real);
            map.put("n_generated", drawn);
            map.put(network.frechetName(), frechet);
            map.put(network.kernelName() + "_mean", kernel.mean());
            map.put(network.kernelName() + "_std", kernel.deviation());
            return map;
        }
    }

    /**
     * Runs the protocol.
     *
     * @param pictures the data set, at least two
     * @throws ReImagenException naming the picture that cannot be read
     */
    public List<Result> run(List<CaptionedPicture> pictures, ProtocolSettings settings, Drawer drawer) {
        if (pictures.size() < 2) {
            throw new ReImagenException(
                    "the data set must have at least two captioned pictures, has " + pictures.size());
        }
        Statistics real = Statistics.of(pictures.stream()
                .map(p -> network.features(decode(p.id(), p.bytes().read())))
                .toList());
        List<CaptionedPicture> asked = choose(pictures, settings);
        List<Result> results = new ArrayList<>();
        for (double guidance : settings.guidance()) {
            Statistics drawn = Statistics.of(draw(asked, guidance, settings.seed(), drawer));
            results.add(new Result(
                    guidance,
                    pictures.size(),
                    asked.size(),
                    FrechetDistance.of(real, drawn),
                    KernelDistance.of(real, drawn, settings.seed())));
        }
        return results;
    }

    /** The captions that a seed chooses, in the order of drawing. */
    static List<CaptionedPicture> choose(List<CaptionedPicture> pictures, ProtocolSettings settings) {
        List<CaptionedPicture> shuffled = new ArrayList<>(pictures);
        Collections.shuffle(shuffled, new Random(settings.seed()));
        return shuffled.subList(0, Math.min(settings.prompts(), shuffled.size()));
    }

    private List<float[]> draw(List<CaptionedPicture> asked, double guidance, long seed, Drawer drawer) {
        Path into = folder.resolve(String.format(Locale.ROOT, "w%s", guidance));
        List<float[]> features = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            CaptionedPicture picture = asked.get(i);
            Path file = into.resolve(picture.id().replaceAll("[^A-Za-z0-9._-]", "_") + ".png");
            if (!Files.isRegularFile(file)) {
                byte[] png = png(drawer.draw(picture.caption(), guidance, seed + i));
                AtomicFile.write(file, out -> out.write(png));
            }
            features.add(network.features(read(file)));
            if (features.size() % REPORT_EVERY == 0) {
                progress.accept("w = %s: %d of %d drawn".formatted(guidance, features.size(), asked.size()));
            }
        }
        return features;
    }

    private static byte[] png(BufferedImage image) {
        try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            ImageIO.write(image, "png", out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static BufferedImage read(Path file) {
        try {
            return decode(file.toString(), Files.readAllBytes(file));
        } catch (IOException e) {
            throw new ReImagenException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static BufferedImage decode(String name, byte[] bytes) {
        try {
            return Pictures.on(Color.WHITE, Pictures.decode(name, bytes));
        } catch (PictureException e) {
            throw new ReImagenException(String.valueOf(e.getMessage()), e);
        }
    }
}
