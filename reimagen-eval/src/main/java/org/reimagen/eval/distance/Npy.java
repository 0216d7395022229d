package org.reimagen.eval.distance;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.reimagen.core.ReImagenException;

/**
 * One array of numpy's format, its numbers as float64.
 *
 * <p>Reads little-endian float32, float64, int64 and bytes, in C or Fortran order; never objects. <b>Source</b>: numpy, NEP 1.
 */
final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern DESCR = Pattern.compile("'descr':\\s*'([<|=][fiu]\\d+)'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order':\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\(([\\d,\\s]*)\\)");
    private static final int ALIGNMENT = 64;
    private static final int PREFIX = 10;

    private final int[] shape;
    private final double[] values;

    Npy(int[] shape, double[] values) {
        this.shape = shape;
        this.values = values;
    }

    /** Sizes; not a copy. */
    int[] shape() {
        return shape;
    }

    /** Numbers in row-major order; not a copy. */
    double[] values() {
        return values;
    }

    /** Reads an array; {@code name} begins every error. */
    static Npy read(String name, byte[] bytes) {
        if (bytes.length < PREFIX + 2 || !Arrays.equals(Arrays.copyOf(bytes, MAGIC.length), MAGIC)) {
            throw new ReImagenException(name + ": is no numpy array");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boolean first = bytes[MAGIC.length] == 1;
        int start = first ? PREFIX : PREFIX + 2;
        long length = first ? in.getShort(8) & 0xffff : in.getInt(8) & 0xffffffffL;
        if (start + length > bytes.length) {
            throw new ReImagenException(name + ": its header is cut off");
        }
        String header = new String(bytes, start, (int) length, StandardCharsets.ISO_8859_1);
        int[] shape = shape(name, header);
        in.position(start + (int) length);
        double[] values = numbers(name, in.slice().order(ByteOrder.LITTLE_ENDIAN), find(name, DESCR, header), shape);
        boolean fortran = find(name, ORDER, header).equals("True") && shape.length > 1;
        return new Npy(shape, fortran ? transposed(name, shape, values) : values);
    }

    private static String find(String name, Pattern pattern, String header) {
        Matcher matcher = pattern.matcher(header);
        String found = matcher.find() ? matcher.group(1) : null;
        if (found == null) {
            throw new ReImagenException(name + ": its header is of an unknown form: " + header.strip());
        }
        return found;
    }

    private static int[] shape(String name, String header) {
        try {
            return Arrays.stream(find(name, SHAPE, header).split(","))
                    .map(String::strip)
                    .filter(s -> !s.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
        } catch (NumberFormatException e) {
            throw new ReImagenException(name + ": its shape is too large", e);
        }
    }

    private static double[] numbers(String name, ByteBuffer data, String type, int[] shape) {
        long count = 1;
        int bytes = Integer.parseInt(type.substring(2));
        for (int size : shape) {
            count = Math.min(count * size, Integer.MAX_VALUE);
        }
        if (count * bytes != data.remaining()) {
            throw new ReImagenException(
                    "%s: has %d bytes of data, its header says %d".formatted(name, data.remaining(), count * bytes));
        }
        double[] values = new double[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (type.substring(1)) {
                case "f8" -> data.getDouble();
                case "f4" -> data.getFloat();
                case "i8" -> data.getLong();
                case "u1" -> data.get() & 255;
                default -> throw new ReImagenException(name + ": numbers of type " + type + " are not read");
            };
        }
        return values;
    }

    private static double[] transposed(String name, int[] shape, double[] values) {
        if (shape.length != 2) {
            throw new ReImagenException(name + ": is in Fortran order with " + shape.length + " dimensions");
        }
        double[] rows = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            rows[i % shape[0] * shape[1] + i / shape[0]] = values[i];
        }
        return rows;
    }

    /** The bytes of a float64 array. */
    static byte[] doubles(double[] values, int... shape) {
        byte[] header = header("<f8", shape);
        byte[] all =
                Arrays.copyOf(header, Math.addExact(header.length, Math.multiplyExact(values.length, Double.BYTES)));
        ByteBuffer out = after(header, all);
        for (double value : values) {
            out.putDouble(value);
        }
        return all;
    }

    /** The bytes of a float32 array. */
    static byte[] floats(float[] values, int... shape) {
        byte[] header = header("<f4", shape);
        byte[] all =
                Arrays.copyOf(header, Math.addExact(header.length, Math.multiplyExact(values.length, Float.BYTES)));
        ByteBuffer out = after(header, all);
        for (float value : values) {
            out.putFloat(value);
        }
        return all;
    }

    /** The bytes of an array of bytes. */
    static byte[] bytes(byte[] values) {
        byte[] header = header("|u1", values.length);
        byte[] all = Arrays.copyOf(header, header.length + values.length);
        System.arraycopy(values, 0, all, header.length, values.length);
        return all;
    }

    private static ByteBuffer after(byte[] header, byte[] all) {
        return ByteBuffer.wrap(all, header.length, all.length - header.length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] header(String type, int... shape) {
        String sizes = Arrays.stream(shape).mapToObj(n -> n + ",").collect(Collectors.joining(" "));
        String text = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type, sizes);
        int length = (PREFIX + text.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - PREFIX;
        byte[] header = new byte[PREFIX + length];
        Arrays.fill(header, (byte) ' ');
        ByteBuffer.wrap(header)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) length)
                .put(text.getBytes(StandardCharsets.ISO_8859_1));
        header[header.length - 1] = '\n';
        return header;
    }
}
