package org.reimagen.core.nn;

import static org.reimagen.core.tensor.Ops.floats;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.tensor.Scopes;

/** Sine embeddings of time and of place. <b>Thread-safety</b>: safe; tables are computed once and shared. */
public final class Positions {
    private record Key(long size, long dim) {}

    private static final Map<Key, Tensor> SINE_2D = new ConcurrentHashMap<>();

    private Positions() {}

    /**
     * Embedding of the cell centres of a square map: sines and cosines of the row, then of the column.
     *
     * <p><b>Shape</b> {@code [size*size, dim] float32}, on the device of {@code like}; frequencies run from π to 16π
     * per map side. <b>Owns</b>: shared, never closed by the caller.
     */
    static Tensor sine2d(long size, long dim, Tensor like) {
        return SINE_2D.computeIfAbsent(new Key(size, dim), Positions::table).to(like.device(), floatType());
    }

    private static org.bytedeco.pytorch.global.torch.ScalarType floatType() {
        return org.bytedeco.pytorch.global.torch.ScalarType.Float;
    }

    private static Tensor table(Key key) {
        int n = Math.toIntExact(key.size);
        int dim = Math.toIntExact(key.dim);
        int quarter = dim / 4;
        float[] values = new float[n * n * dim];
        for (int row = 0; row < n; row++) {
            for (int column = 0; column < n; column++) {
                int at = (row * n + column) * dim;
                fill(values, at, (row + 0.5) / n, quarter);
                fill(values, at + 2 * quarter, (column + 0.5) / n, quarter);
            }
        }
        return Scopes.keep(floats(values, (long) n * n, dim));
    }

    private static void fill(float[] values, int at, double place, int quarter) {
        for (int j = 0; j < quarter; j++) {
            double angle = place * Math.PI * Math.pow(2, 4.0 * j / (quarter - 1));
            values[at + j] = (float) Math.sin(angle);
            values[at + quarter + j] = (float) Math.cos(angle);
        }
    }

    /**
     * Embedding of the times of a batch: cosines, then sines, of 1000 t at dim/2 frequencies from 1 to 1/10000.
     *
     * @param t {@code [B]} float32 in [0,1]
     * @return {@code [B,dim]} float32
     */
    public static Tensor time(Tensor t, int dim) {
        float[] frequencies = new float[dim / 2];
        for (int j = 0; j < frequencies.length; j++) {
            frequencies[j] = (float) (1000.0 * Math.exp(-Math.log(10000.0) * j / frequencies.length));
        }
        Tensor angles =
                t.unsqueeze(1).mul(floats(frequencies, 1, frequencies.length).to(t.device(), floatType()));
        return org.reimagen.core.tensor.Ops.cat(1, angles.cos(), angles.sin());
    }
}
