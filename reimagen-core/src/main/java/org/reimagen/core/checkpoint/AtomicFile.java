package org.reimagen.core.checkpoint;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.reimagen.core.ReImagenException;

/** Files that are there whole or not at all: written aside, forced to disk, renamed. */
public final class AtomicFile {
    private AtomicFile() {}

    /** What to write. */
    @FunctionalInterface
    public interface Content {
        /** Writes everything to {@code out}, which stays open. */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Replaces {@code file} by {@code content}; a kill at any point leaves the old file or the new one.
     *
     * @throws ReImagenException naming the file if the disk is full or read-only; the old file is then untouched
     */
    public static void write(Path file, Content content) {
        Path target = file.toAbsolutePath();
        Path folder = Objects.requireNonNull(target.getParent(), () -> file + " has no folder");
        Path temporary = target.resolveSibling("." + target.getFileName() + ".tmp");
        try {
            Files.createDirectories(folder);
            try (FileOutputStream raw = new FileOutputStream(temporary.toFile());
                    OutputStream out = new BufferedOutputStream(raw, 1 << 16)) {
                content.writeTo(out);
                out.flush();
                raw.getFD().sync();
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            force(folder);
        } catch (IOException e) {
            deleteQuietly(temporary, e);
            throw new ReImagenException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /** Forces a folder's entries to disk, so that a rename inside it survives a loss of power. */
    public static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void deleteQuietly(Path file, IOException reason) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }
}
