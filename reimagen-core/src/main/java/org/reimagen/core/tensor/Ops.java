package org.reimagen.core.tensor;

import java.util.Arrays;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Small static helpers that let a block read like its formula.
 *
 * <p><b>Owns</b>: every returned tensor belongs to the innermost open scope. <b>Thread-safety</b>: stateless.
 */
public final class Ops {
    private Ops() {}

    /** A native scalar holding {@code value}; belongs to the innermost open scope. */
    public static Scalar scalar(double value) {
        return new Scalar(value);
    }

    /** {@code x * factor}. */
    public static Tensor scale(Tensor x, double factor) {
        return x.mul(scalar(factor));
    }

    /** Concatenation of {@code parts} along {@code dim}. */
    public static Tensor cat(int dim, Tensor... parts) {
        return torch.cat(new TensorVector(parts), dim);
    }

    /** Pixels as tokens: {@code [B,C,H,W] -> [B,H*W,C]}. */
    public static Tensor tokens(Tensor x) {
        return x.flatten(2, 3).transpose(1, 2);
    }

    /** Tokens back to pixels in the shape of {@code like}: {@code [B,H*W,C] -> [B,C,H,W]}. */
    public static Tensor pixels(Tensor tokens, Tensor like) {
        return tokens.transpose(1, 2).reshape(like.shape());
    }

    /** {@code x} in the channels-last memory format that oneDNN's convolutions are fastest in. */
    public static Tensor channelsLast(Tensor x) {
        return x.contiguous(MemoryFormat.ChannelsLast);
    }

    /** A float32 tensor of the given shape holding a copy of {@code values}. */
    public static Tensor floats(float[] values, long... shape) {
        return Tensor.create(values).reshape(shape);
    }

    /** An int64 tensor of the given shape holding a copy of {@code values}. */
    public static Tensor longs(long[] values, long... shape) {
        return Tensor.create(values).reshape(shape);
    }

    /** A boolean tensor of the given shape holding a copy of {@code values}. */
    public static Tensor booleans(boolean[] values, long... shape) {
        return Tensor.create(values).reshape(shape);
    }

    /** The elements of a tensor of any dtype as float32 in row-major order. */
    public static float[] toFloats(Tensor x) {
        Tensor flat = x.detach().to(ScalarType.Float).contiguous();
        float[] values = new float[Math.toIntExact(flat.numel())];
        if (values.length > 0) { // a tensor without elements has no address
            new org.bytedeco.javacpp.FloatPointer(flat.data_ptr()).get(values);
        }
        return values;
    }

    /**
     * Refuses a tensor of another shape.
     *
     * @param expected sizes, -1 for any
     * @throws IllegalArgumentException naming {@code what} and both shapes
     */
    public static void checkShape(String what, Tensor x, long... expected) {
        long[] actual = x.shape();
        boolean fits = actual.length == expected.length;
        for (int i = 0; fits && i < actual.length; i++) {
            fits = expected[i] < 0 || expected[i] == actual[i];
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    what + " has shape " + Arrays.toString(actual) + ", expected " + Arrays.toString(expected));
        }
    }

    /** Two equal values as the kernel, stride or padding of a convolution. */
    public static LongPointer square(long value) {
        return new LongPointer(value, value);
    }
}
