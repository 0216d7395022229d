package org.reimagen.knowledge.encoder;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds tensors that an ONNX model keeps in other files, before a runtime sees the model: one that is handed the model's bytes would look
 * for those files in the working folder.
 *
 * <p><b>Source</b>: onnx.proto3, whose field numbers these are; the Protocol Buffers wire format. <b>Thread-safety</b>: stateless.
 */
final class ExternalData {
    /** As many messages within each other as Protocol Buffers' own parsers read. */
    private static final int MAX_DEPTH = 100;

    private static final int EXTERNAL = 1;

    /** A kind of message on the way to a tensor. */
    private enum Message {
        MODEL,
        TRAINING,
        FUNCTION,
        GRAPH,
        NODE,
        ATTRIBUTE,
        SPARSE,
        TENSOR;

        /** The message that a field holds, null for one that leads to no tensor. */
        @Nullable
        Message in(int field) {
            return switch (this) {
                case MODEL ->
                    switch (field) {
                        case 7 -> GRAPH;
                        case 20 -> TRAINING;
                        case 25 -> FUNCTION;
                        default -> null;
                    };
                case TRAINING -> field == 1 || field == 2 ? GRAPH : null;
                case FUNCTION ->
                    switch (field) {
                        case 7 -> NODE;
                        case 11 -> ATTRIBUTE;
                        default -> null;
                    };
                case GRAPH ->
                    switch (field) {
                        case 1 -> NODE;
                        case 5 -> TENSOR;
                        case 15 -> SPARSE;
                        default -> null;
                    };
                case NODE -> field == 5 ? ATTRIBUTE : null;
                case ATTRIBUTE ->
                    switch (field) {
                        case 5, 10 -> TENSOR;
                        case 6, 11 -> GRAPH;
                        case 22, 23 -> SPARSE;
                        default -> null;
                    };
                case SPARSE -> field == 1 || field == 2 ? TENSOR : null;
                case TENSOR -> null;
            };
        }
    }

    /** One field: its number, and its value or its bytes. */
    private record Field(int number, long value, @Nullable ByteBuffer bytes) {}

    private ExternalData() {}

    /**
     * The first tensor whose values lie elsewhere, and where, in words on one line; empty if the model is whole.
     *
     * @throws IllegalArgumentException if these are not the bytes of an ONNX model
     */
    static Optional<String> find(byte[] onnx) {
        return find(Message.MODEL, ByteBuffer.wrap(onnx), 0);
    }

    private static Optional<String> find(Message message, ByteBuffer in, int depth) {
        check(depth < MAX_DEPTH);
        if (message == Message.TENSOR) {
            return ofTensor(in);
        }
        while (in.hasRemaining()) {
            Field field = next(in);
            Message inner = message.in(field.number);
            if (inner != null && field.bytes != null) {
                Optional<String> found = find(inner, field.bytes, depth + 1);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> ofTensor(ByteBuffer in) {
        String name = "";
        String location = "";
        boolean external = false;
        while (in.hasRemaining()) {
            Field field = next(in);
            if (field.number == 14 && field.bytes == null) {
                external |= (int) field.value == EXTERNAL;
            } else if (field.number == 8 && field.bytes != null) {
                name = text(field.bytes);
            } else if (field.number == 13 && field.bytes != null) {
                location = location(field.bytes).orElse(location);
            }
        }
        return external
                ? Optional.of("the values of tensor \"%s\" lie in the file \"%s\"".formatted(name, location))
                : Optional.empty();
    }

    private static Optional<String> location(ByteBuffer entry) {
        String key = "";
        String value = "";
        while (entry.hasRemaining()) {
            Field field = next(entry);
            if (field.number == 1 && field.bytes != null) {
                key = text(field.bytes);
            } else if (field.number == 2 && field.bytes != null) {
                value = text(field.bytes);
            }
        }
        return key.equals("location") ? Optional.of(value) : Optional.empty();
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString().replaceAll("\\p{Cntrl}", "?");
    }

    private static Field next(ByteBuffer in) {
        long key = varint(in);
        int number = (int) (key >>> 3);
        check(number > 0);
        return switch ((int) (key & 7)) {
            case 0 -> new Field(number, varint(in), null);
            case 1 -> new Field(number, 0, slice(in, 8));
            case 2 -> new Field(number, 0, slice(in, varint(in)));
            case 5 -> new Field(number, 0, slice(in, 4));
            default -> throw malformed();
        };
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            check(in.hasRemaining());
            byte b = in.get();
            value |= (long) (b & 127) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw malformed();
    }

    private static ByteBuffer slice(ByteBuffer in, long length) {
        check(length >= 0 && length <= in.remaining());
        ByteBuffer slice = in.slice(in.position(), (int) length);
        in.position(in.position() + (int) length);
        return slice;
    }

    private static void check(boolean sound) {
        if (!sound) {
            throw malformed();
        }
    }

    private static IllegalArgumentException malformed() {
        return new IllegalArgumentException("is no ONNX model");
    }
}
