package org.reimagen.core.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.ReImagenException;

/**
 * A safetensors file: named tensors and string metadata, never code.
 *
 * <p>Reading checks the whole header before any tensor is made: length, JSON, duplicate keys, overflowing shapes, holes and
 * overlaps. <b>Thread-safety</b>: an opened file is immutable. <b>Source</b>: the safetensors format, version 0.4.
 */
public final class SafeTensors {
    private final Path file;
    private final SafeTensorsHeader header;
    private final ByteBuffer data;

    private SafeTensors(Path file, SafeTensorsHeader header, ByteBuffer data) {
        this.file = file;
        this.header = header;
        this.data = data;
    }

    /**
     * Opens and validates a file of at most 2 GiB.
     *
     * @throws ReImagenException in one line naming the file if it is missing, truncated or malformed
     */
    public static SafeTensors open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ReImagenException(file + ": no such file");
        }
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            if (size < 8 || size > Integer.MAX_VALUE) {
                throw new ReImagenException(file + ": " + size + " bytes cannot be a safetensors file of up to 2 GiB");
            }
            ByteBuffer all = channel.map(FileChannel.MapMode.READ_ONLY, 0, size).order(ByteOrder.LITTLE_ENDIAN);
            long length = all.getLong(0);
            if (length < 2 || length > SafeTensorsHeader.MAX_BYTES || length > size - 8) {
                throw new ReImagenException(file + ": its header length " + length + " does not fit the file");
            }
            byte[] json = new byte[(int) length];
            all.get(8, json);
            int start = 8 + json.length;
            SafeTensorsHeader header = SafeTensorsHeader.parse(file.toString(), json, size - start);
            return new SafeTensors(file, header, all.slice(start, (int) size - start));
        } catch (IOException e) {
            throw new ReImagenException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** The file that was opened. */
    public Path file() {
        return file;
    }

    /** String metadata. */
    public Map<String, String> metadata() {
        return Map.copyOf(header.metadata());
    }

    /** Names of all tensors, in the order of their data. */
    public Set<String> names() {
        return header.entries().keySet();
    }

    /** The header's entry of a tensor; throws {@link ReImagenException} naming file and tensor if it is not there. */
    public TensorEntry entry(String name) {
        TensorEntry entry = header.entries().get(name);
        if (entry == null) {
            throw new ReImagenException(file + ": has no tensor " + name);
        }
        return entry;
    }

    /** A copy of one tensor in the file's dtype and shape, on the CPU. <b>Owns</b>: the innermost open scope. */
    public Tensor tensor(String name) {
        TensorEntry entry = entry(name);
        Tensor tensor =
                torch.zeros(entry.sizes(), new TensorOptions(entry.dtype().scalarType()));
        if (entry.byteSize() > 0) {
            bytes(tensor, entry.byteSize()).put(data.slice((int) entry.begin(), (int) entry.byteSize()));
        }
        return tensor;
    }

    private static ByteBuffer bytes(Tensor tensor, long size) {
        return new BytePointer(tensor.data_ptr()).capacity(size).asByteBuffer();
    }

    /**
     * Writes tensors atomically: a reader finds the old file or the whole new one.
     *
     * @param tensors by name, in the dtype they shall have in the file
     * @throws ReImagenException naming the file if the disk refuses
     */
    public static void write(Path file, Map<String, String> metadata, Map<String, Tensor> tensors) {
        byte[] json = header(metadata, tensors);
        AtomicFile.write(file, out -> {
            out.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(json.length)
                    .array());
            out.write(json);
            for (Tensor tensor : tensors.values()) {
                writeData(out, tensor);
            }
        });
    }

    private static byte[] header(Map<String, String> metadata, Map<String, Tensor> tensors) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put(SafeTensorsHeader.METADATA, metadata);
        long at = 0;
        for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
            Tensor tensor = e.getValue();
            DType dtype = DType.of(tensor.scalar_type());
            long end = at + Math.multiplyExact(tensor.numel(), dtype.bytes());
            json.put(
                    e.getKey(),
                    Map.of("dtype", dtype.name(), "shape", tensor.shape(), "data_offsets", List.of(at, end)));
            at = end;
        }
        try {
            String text = new ObjectMapper().writeValueAsString(json);
            int padding = (8 - text.getBytes(StandardCharsets.UTF_8).length % 8) % 8;
            return (text + " ".repeat(padding)).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void writeData(OutputStream out, Tensor tensor) throws IOException {
        Tensor plain = tensor.detach().cpu().contiguous();
        long size = plain.numel() * plain.element_size();
        byte[] copy = new byte[Math.toIntExact(size)];
        if (size > 0) {
            bytes(plain, size).get(copy);
        }
        out.write(copy);
    }
}
