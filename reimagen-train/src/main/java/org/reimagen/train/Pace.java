package org.reimagen.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.AtomicFile;

/**
 * How many steps each stage gets, measured once and kept, so that a resumed run has the same learning rates.
 *
 * @param minutes that the steps were measured for
 * @param steps by stage
 */
record Pace(double minutes, Map<String, Long> steps) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MEASURED = 3;

    /** The map is copied. */
    Pace {
        steps = Map.copyOf(steps);
    }

    /** What {@code file} says of {@code minutes}; nothing if it is not there or was measured for others. */
    static Pace read(Path file, double minutes) {
        if (!Files.isRegularFile(file)) {
            return new Pace(minutes, Map.of());
        }
        try {
            Pace kept = JSON.readValue(file.toFile(), Pace.class);
            return kept.minutes == minutes ? kept : new Pace(minutes, Map.of());
        } catch (IOException e) {
            throw new ReImagenException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** The same with the steps of one stage more, kept in {@code file}. */
    Pace with(String stage, long count, Path file) {
        Map<String, Long> all = new TreeMap<>(steps);
        all.put(stage, count);
        Pace next = new Pace(minutes, all);
        try {
            byte[] json = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(next);
            AtomicFile.write(file, out -> out.write(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        return next;
    }

    /** Seconds of one step of {@code trainer}, which is spoilt for training: the median of a few after the first. */
    static double secondsPerStep(Trainer trainer) {
        trainer.trainStep();
        double[] seconds = new double[MEASURED];
        for (int i = 0; i < MEASURED; i++) {
            long start = System.nanoTime();
            trainer.trainStep();
            seconds[i] = (System.nanoTime() - start) / 1e9;
        }
        Arrays.sort(seconds);
        return seconds[MEASURED / 2];
    }
}
