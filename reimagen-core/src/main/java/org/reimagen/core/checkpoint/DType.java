package org.reimagen.core.checkpoint;

import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element types of a safetensors file that this project reads and writes, by their names in the file's header. */
public enum DType {
    /** 64-bit IEEE float. */
    F64(8, ScalarType.Double),
    /** 32-bit IEEE float. */
    F32(4, ScalarType.Float),
    /** Brain float: the upper half of an F32. */
    BF16(2, ScalarType.BFloat16),
    /** 16-bit IEEE float. */
    F16(2, ScalarType.Half),
    /** Signed 64-bit integer. */
    I64(8, ScalarType.Long),
    /** Unsigned byte. */
    U8(1, ScalarType.Byte);

    private final int bytes;
    private final ScalarType scalarType;

    DType(int bytes, ScalarType scalarType) {
        this.bytes = bytes;
        this.scalarType = scalarType;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** LibTorch's name of this type. */
    public ScalarType scalarType() {
        return scalarType;
    }

    static DType of(ScalarType type) {
        for (DType candidate : values()) {
            if (candidate.scalarType.value == type.value) {
                return candidate;
            }
        }
        throw new IllegalArgumentException("no safetensors type for " + type);
    }
}
