package org.reimagen.knowledge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.CopyOption;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.lucene.tests.mockfile.FilterFileChannel;
import org.apache.lucene.tests.mockfile.FilterFileSystemProvider;
import org.jspecify.annotations.Nullable;

/**
 * A file system that loses power after so many changes: bytes that were not forced to disk may be cut off, zeroed or garbled,
 * and any name made, moved or deleted in a folder that was not forced afterwards may be as it was before.
 *
 * <p>The model of Lucene's {@code MockDirectoryWrapper.crash()}, for whole folders and for names too. A file's own name goes to
 * disk with its bytes, as the journals of ext4, xfs and btrfs write it and as Lucene relies on; its folder's name does not. The
 * names of one folder change in order, as there.
 */
final class PowerLossFileSystem extends FilterFileSystemProvider {
    private final List<Change> unforced = new ArrayList<>();
    private final Set<Path> dirty = new HashSet<>();
    private int left;

    /** @param changes how many succeed before the power goes */
    PowerLossFileSystem(int changes) {
        super("power://", FileSystems.getDefault());
        left = changes;
    }

    /** A change of names in a folder. */
    private interface Change {
        Path path();

        default Path folder() {
            return parent(path());
        }

        void undo() throws IOException;
    }

    private record Created(Path path) implements Change {
        @Override
        public void undo() throws IOException {
            if (!Files.exists(path)) {
                return;
            }
            try (Stream<Path> files = Files.walk(path)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private record Deleted(Path path, @Nullable String bytes) implements Change {
        @Override
        public void undo() throws IOException {
            if (bytes == null) {
                Files.createDirectories(path);
            } else if (!Files.exists(path)) {
                Files.createDirectories(folder());
                Files.writeString(path, bytes, ISO_8859_1);
            }
        }
    }

    private record Moved(Path from, Path path, @Nullable String replaced) implements Change {
        @Override
        public void undo() throws IOException {
            if (Files.exists(path)) {
                Files.createDirectories(parent(from));
                Files.move(path, from, StandardCopyOption.REPLACE_EXISTING);
            }
            if (replaced != null) {
                Files.writeString(path, replaced, ISO_8859_1);
            }
        }
    }

    private static Path parent(Path path) {
        return Objects.requireNonNull(path.getParent());
    }

    private static @Nullable String bytes(Path path) throws IOException {
        return Files.isRegularFile(path) ? Files.readString(path, ISO_8859_1) : null;
    }

    /** The power goes now. */
    synchronized void lose() {
        left = 0;
    }

    /** Makes of the folder what may be found after the loss. */
    synchronized void settle(Random random) throws IOException {
        Map<Path, Integer> lost = new HashMap<>(); // the last so many changes of a folder
        for (Change change : unforced) {
            lost.merge(change.folder(), 1, Integer::sum);
        }
        lost.replaceAll((folder, changes) -> random.nextInt(changes + 1));
        for (Change change : unforced.reversed()) {
            if (lost.merge(change.folder(), -1, Integer::sum) >= 0) {
                change.undo();
            }
        }
        for (Path file : dirty) {
            if (Files.isRegularFile(file)) {
                damage(file, random);
            }
        }
    }

    private static void damage(Path file, Random random) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int sound = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
        switch (random.nextInt(4)) {
            case 0 -> Files.write(file, Arrays.copyOf(bytes, sound));
            case 1 -> Files.write(file, Arrays.copyOf(Arrays.copyOf(bytes, sound), bytes.length));
            case 2 -> {
                for (int i = sound; i < bytes.length; i++) {
                    bytes[i] = (byte) random.nextInt();
                }
                Files.write(file, bytes);
            }
            default -> Files.write(file, bytes);
        }
    }

    private synchronized void spend() throws IOException {
        if (left <= 0) {
            throw new IOException("the power is gone");
        }
        left--;
    }

    /** Unchecked, as Lucene passes over an {@link IOException} here, or fails an assertion of its own. */
    private void spendOnNames() {
        try {
            spend();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void record(Change change) {
        unforced.add(change);
    }

    private synchronized void written(Path path, boolean made) {
        if (made) {
            unforced.add(new Created(path));
        }
        dirty.add(path);
    }

    private synchronized void forced(Path path) {
        dirty.remove(path);
        unforced.removeIf(
                change -> change.path().equals(path) || change.folder().equals(path));
    }

    @Override
    public void createDirectory(Path dir, FileAttribute<?>... attributes) throws IOException {
        Path path = toDelegate(dir);
        if (!Files.exists(path)) {
            spend();
            record(new Created(path));
        }
        super.createDirectory(dir, attributes);
    }

    @Override
    public void delete(Path file) throws IOException {
        spend();
        Path path = toDelegate(file);
        String bytes = bytes(path);
        super.delete(file);
        record(new Deleted(path, bytes));
    }

    @Override
    public boolean deleteIfExists(Path file) throws IOException {
        if (!Files.exists(toDelegate(file))) {
            return false;
        }
        delete(file);
        return true;
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        spend();
        Path from = toDelegate(source);
        Path to = toDelegate(target);
        String replaced = bytes(to);
        super.move(source, target, options);
        synchronized (this) {
            unforced.add(new Moved(from, to, replaced));
            dirty.remove(to);
            if (dirty.remove(from)) {
                dirty.add(to);
            }
        }
    }

    @Override
    public OutputStream newOutputStream(Path file, OpenOption... options) throws IOException {
        spend();
        Path path = toDelegate(file);
        boolean made = !Files.exists(path);
        OutputStream out = super.newOutputStream(file, options);
        written(path, made);
        return out;
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path file, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        Path path = toDelegate(file);
        boolean made = !Files.exists(path);
        if (options.contains(StandardOpenOption.WRITE)) {
            spend();
        }
        SeekableByteChannel channel = super.newByteChannel(file, options, attributes);
        if (options.contains(StandardOpenOption.WRITE)) {
            written(path, made);
        }
        return channel;
    }

    /** Lucene and the base open channels for locks and to force what is written; their bytes go by streams. */
    @Override
    public FileChannel newFileChannel(Path file, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        Path path = toDelegate(file);
        return new FilterFileChannel(super.newFileChannel(file, options, attributes)) {
            @Override
            public void force(boolean metaData) throws IOException {
                if (Files.isDirectory(path)) {
                    spendOnNames();
                } else {
                    spend();
                }
                super.force(metaData);
                forced(path);
            }
        };
    }
}
