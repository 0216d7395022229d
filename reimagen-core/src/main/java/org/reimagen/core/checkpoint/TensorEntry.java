package org.reimagen.core.checkpoint;

import java.util.List;

/**
 * One tensor of a safetensors header.
 *
 * @param name key of the tensor
 * @param dtype element type
 * @param shape sizes, each non-negative; empty for a scalar
 * @param begin offset of its first byte in the data section
 * @param end offset past its last byte
 */
public record TensorEntry(String name, DType dtype, List<Long> shape, long begin, long end) {
    /** The shape is copied. */
    public TensorEntry {
        shape = List.copyOf(shape);
    }

    long byteSize() {
        return end - begin;
    }

    long[] sizes() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }
}
