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

    /**
     * Embedding of the cell centres of a square by where it lies in its picture.
     *
     * <p><b>Shape</b> {@code place [B,3] -> [B,size*size,dim] float32}; frequencies run from π to 16π per side of the picture,
     * so that a cell of a crop has the embedding that it has in the whole picture.
     *
     * @param place left edge, upper edge and side of each square as shares of its picture's side
     */
    public static Tensor within(Tensor place, int size, int dim) {
        int quarter = dim / 4;
        float[] frequencies = new float[quarter];
        for (int j = 0; j < quarter; j++) {
            frequencies[j] = (float) (Math.PI * Math.pow(2, 4.0 * j / (quarter - 1)));
        }
        float[] cells = new float[size];
        for (int i = 0; i < size; i++) {
            cells[i] = (i + 0.5f) / size;
        }
        long b = place.size(0);
        Tensor cell = place.narrow(1, 2, 1).mul(floats(cells, 1, size)); // [B,size]
        Tensor waves = floats(frequencies, 1, 1, quarter);
        Tensor rows = waves(place.narrow(1, 1, 1).add(cell), waves).unsqueeze(2);
        Tensor columns = waves(place.narrow(1, 0, 1).add(cell), waves).unsqueeze(1);
        int half = 2 * quarter;
        return org.reimagen.core.tensor.Ops.cat(
                        3, rows.expand(b, size, size, half), columns.expand(b, size, size, half))
                .flatten(1, 2);
    }

    private static Tensor waves(Tensor at, Tensor frequencies) {
        Tensor angles = at.unsqueeze(2).mul(frequencies); // [B,size,dim/4]
        return org.reimagen.core.tensor.Ops.cat(2, angles.sin(), angles.cos());
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
