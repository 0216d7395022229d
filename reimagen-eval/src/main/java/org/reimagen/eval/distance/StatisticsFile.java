package org.reimagen.eval.distance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.AtomicFile;

/**
 * Statistics in pytorch-fid's layout: an npz with {@code mu} [D] and {@code sigma} [D,D].
 *
 * <p>Ours hold more, which pytorch-fid passes over: {@code n}, {@code features} [N,D] for the kernel distance, and
 * {@code network}, what made them, in UTF-8.
 */
public final class StatisticsFile {
    private static final int LARGEST = 1 << 30;
    private static final int MOST_ENTRIES = 16;

    private StatisticsFile() {}

    /**
     * Writes a file that numpy reads without pickle.
     *
     * @param network printed with figures that rest on this file
     */
    public static void write(Path file, Statistics statistics, String network) {
        int d = statistics.dim();
        Map<String, byte[]> arrays = new LinkedHashMap<>();
        arrays.put("mu", Npy.doubles(statistics.mean(), d));
        arrays.put("sigma", Npy.doubles(statistics.covariance(), d, d));
        arrays.put("n", Npy.doubles(new double[] {statistics.n()}, 1));
        arrays.put("network", Npy.bytes(network.getBytes(StandardCharsets.UTF_8)));
        if (!statistics.features().isEmpty()) {
            arrays.put("features", features(statistics));
        }
        AtomicFile.write(file, out -> {
            ZipOutputStream zip = new ZipOutputStream(out);
            for (Map.Entry<String, byte[]> array : arrays.entrySet()) {
                ZipEntry entry = new ZipEntry(array.getKey() + ".npy");
                entry.setTime(0);
                zip.putNextEntry(entry);
                zip.write(array.getValue());
                zip.closeEntry();
            }
            zip.finish();
        });
    }

    private static byte[] features(Statistics statistics) {
        int d = statistics.dim();
        float[] all = new float[Math.multiplyExact(statistics.features().size(), d)];
        for (int i = 0; i < statistics.features().size(); i++) {
            System.arraycopy(statistics.features().get(i), 0, all, i * d, d);
        }
        return Npy.floats(all, statistics.features().size(), d);
    }

    /**
     * Reads a file.
     *
     * @param network that is to be compared in; a file that does not say what made it, as pytorch-fid's, is trusted
     * @throws ReImagenException naming the file, if it is missing or damaged, lacks {@code mu} or {@code sigma}, or was made
     *     by another network or mode
     */
    public static Statistics read(Path file, String network) {
        Map<String, Npy> arrays = arrays(file);
        checkNetwork(file, arrays.get("network"), network);
        Npy mean = arrays.get("mu");
        Npy covariance = arrays.get("sigma");
        if (mean == null || covariance == null) {
            throw new ReImagenException(file + ": has no mu and sigma");
        }
        int d = mean.values().length;
        if (mean.shape().length != 1
                || covariance.shape().length != 2
                || covariance.shape()[0] != d
                || covariance.shape()[1] != d) {
            throw new ReImagenException(file + ": mu must be [D] and sigma [D,D]");
        }
        List<float[]> features = features(file, arrays.get("features"), d);
        Npy n = arrays.get("n");
        long known = n != null && n.values().length == 1 ? (long) n.values()[0] : features.size();
        return new Statistics(known, mean.values(), covariance.values(), features);
    }

    private static void checkNetwork(Path file, @Nullable Npy stored, String network) {
        if (stored == null) {
            return;
        }
        byte[] bytes = new byte[stored.values().length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) stored.values()[i];
        }
        String made = new String(bytes, StandardCharsets.UTF_8);
        if (!made.equals(network)) {
            throw new ReImagenException("%s: was made by %s, not by %s".formatted(file, made, network));
        }
    }

    private static List<float[]> features(Path file, @Nullable Npy stored, int d) {
        List<float[]> features = new ArrayList<>();
        if (stored == null) {
            return features;
        }
        if (stored.shape().length != 2 || stored.shape()[1] != d) {
            throw new ReImagenException(file + ": features must be [N,D]");
        }
        for (int i = 0; i < stored.shape()[0]; i++) {
            float[] sample = new float[d];
            for (int j = 0; j < d; j++) {
                sample[j] = (float) stored.values()[i * d + j];
            }
            features.add(sample);
        }
        return features;
    }

    private static Map<String, Npy> arrays(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ReImagenException(file + ": no such file");
        }
        Map<String, Npy> arrays = new HashMap<>();
        try (InputStream in = Files.newInputStream(file);
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (arrays.size() == MOST_ENTRIES) {
                    throw new ReImagenException(file + ": holds too many arrays");
                }
                byte[] bytes = zip.readNBytes(LARGEST);
                String name = entry.getName().replaceFirst("\\.npy$", "");
                arrays.put(name, Npy.read(file + ": " + name, bytes));
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new ReImagenException(file + ": is no readable npz file: " + e.getMessage(), e);
        }
        return arrays;
    }
}
