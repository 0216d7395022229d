package org.reimagen.knowledge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** The originals of a base on disk, named by the SHA-256 of their bytes. <b>Thread-safety</b>: one writer, many readers. */
final class Originals {
    private static final AtomicLong COUNTER = new AtomicLong();

    private final Path folder;

    /** Over the base in {@code folder}. */
    Originals(Path folder) {
        this.folder = folder;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static String hash(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    Path path(String sha256) {
        return Layout.originals(folder).resolve(sha256.substring(0, 2)).resolve(sha256);
    }

    /** Bytes whose hash is {@code sha256}; throws naming the file if they are gone or differ. */
    byte[] read(String sha256) {
        Path file = path(sha256);
        try {
            byte[] bytes = Files.readAllBytes(file);
            if (!hash(bytes).equals(sha256)) {
                throw new KnowledgeException(file + ": the original is damaged, its bytes have another hash");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new KnowledgeException(file + ": the original is missing", e);
        } catch (IOException e) {
            throw new KnowledgeException(file + ": cannot be read: " + Reasons.of(e), e);
        }
    }

    /** Stores bytes under their hash, whole or not at all; {@link #force} puts them beyond a loss of power. */
    void write(String sha256, byte[] bytes) {
        Path file = path(sha256);
        Path temporary = Layout.temporary(folder).resolve(sha256 + "." + COUNTER.incrementAndGet());
        try {
            if (Files.isRegularFile(file) && Arrays.equals(Files.readAllBytes(file), bytes)) {
                return;
            }
            Files.createDirectories(Layout.originals(folder).resolve(sha256.substring(0, 2)));
            Files.createDirectories(Layout.temporary(folder));
            Files.write(temporary, bytes);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UnwritableException(
                    "%s: %d bytes cannot be written: %s".formatted(file, bytes.length, Reasons.of(e)), e);
        }
    }

    /** Forces these originals and the folders that name them to disk. */
    void force(Collection<String> hashes) {
        for (String sha256 : hashes) {
            force(path(sha256), StandardOpenOption.WRITE);
        }
        forceFolders(hashes);
        if (!hashes.isEmpty()) {
            forceFolder(Layout.originals(folder));
            forceFolder(folder);
        }
    }

    private void forceFolders(Collection<String> hashes) {
        hashes.stream()
                .map(h -> Layout.originals(folder).resolve(h.substring(0, 2)))
                .distinct()
                .forEach(Originals::forceFolder);
    }

    /** Forces a folder's names to disk. */
    static void forceFolder(Path folder) {
        force(folder, StandardOpenOption.READ);
    }

    private static void force(Path path, StandardOpenOption option) {
        try (FileChannel channel = FileChannel.open(path, option)) {
            channel.force(true);
        } catch (IOException e) {
            throw new UnwritableException(path + ": cannot be forced to disk: " + Reasons.of(e), e);
        }
    }

    /** Deletes these originals; when it returns, a loss of power does not bring them back. */
    void delete(Collection<String> hashes) {
        List<String> present =
                hashes.stream().filter(h -> Files.exists(path(h))).toList();
        for (String sha256 : present) {
            try {
                Files.delete(path(sha256));
            } catch (IOException e) {
                throw new UnwritableException(path(sha256) + ": cannot be deleted: " + Reasons.of(e), e);
            }
        }
        forceFolders(present);
    }

    /** Deletes what a killed writer left half-written. */
    void deleteTemporary() throws IOException {
        Path temporary = Layout.temporary(folder);
        if (Files.isDirectory(temporary)) {
            try (Stream<Path> files = Files.list(temporary)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Hashes of all stored originals. */
    List<String> names() {
        Path all = Layout.originals(folder);
        if (!Files.isDirectory(all)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(all)) {
            return files.filter(Files::isRegularFile)
                    .map(f -> String.valueOf(f.getFileName()))
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new KnowledgeException(all + ": cannot be listed: " + Reasons.of(e), e);
        }
    }

    /** Size of all originals in bytes. */
    long bytes() {
        long sum = 0;
        for (String name : names()) {
            try {
                sum += Files.size(path(name));
            } catch (IOException e) {
                throw new KnowledgeException(path(name) + ": cannot be read: " + Reasons.of(e), e);
            }
        }
        return sum;
    }
}
