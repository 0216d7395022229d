package org.reimagen.app;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.AtomicFile;

/**
 * The native libraries of the engines, in a private folder: unpacked once, under a lock, and never loaded unless their SHA-256 is
 * that of an entry of their jars.
 *
 * <p>Hashing some 400 MB takes seconds, so a start compares with the record of the last time: jars, names, sizes, and the time of
 * each file's last change, which the kernel keeps and nobody can set back. Anything else is hashed anew. <b>Thread-safety</b>:
 * safe, between processes too.
 */
final class NativeLibraries {
    private final Path folder;
    private final List<NativeJar> jars;
    private final Unpacking unpacking;
    private final Consumer<String> say;

    /** Makes the engines unpack what they load. */
    @FunctionalInterface
    interface Unpacking {
        /** Returns when it is done, in another process, since here nothing may be loaded yet. */
        void run(Path folder) throws IOException, InterruptedException;
    }

    /**
     * @param folder made if it is not there, and closed to everybody else
     * @param say hears one line for each file that was not as in its jar
     */
    NativeLibraries(Path folder, List<NativeJar> jars, Unpacking unpacking, Consumer<String> say) {
        this.folder = folder.toAbsolutePath().normalize();
        this.jars = List.copyOf(jars);
        this.unpacking = unpacking;
        this.say = say;
    }

    /** What was found. */
    record Report(int files, long bytes, int replaced) {}

    /**
     * Returns when the folder holds what the jars hold.
     *
     * @throws ReImagenException naming the folder or file that cannot be made right
     */
    void ensure() {
        run(false);
    }

    /** As {@link #ensure}, but hashes every file, whatever the record says. */
    Report verify() {
        return run(true);
    }

    private Report run(boolean always) {
        try {
            makePrivate();
            if (!always && isAsRecorded()) {
                return new Report(0, 0, 0);
            }
            try (FileChannel channel = FileChannel.open(
                            folder.resolve(".verifying"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                if (!lock.isValid()) {
                    throw new IOException("the lock was lost");
                }
                return !always && isAsRecorded() ? new Report(0, 0, 0) : hashAll();
            }
        } catch (IOException | UncheckedIOException e) {
            throw new ReImagenException(folder + ": the native libraries cannot be verified: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ReImagenException(folder + ": interrupted while the native libraries were unpacked", e);
        }
    }

    private void makePrivate() throws IOException {
        Files.createDirectories(folder);
        Object owner = Files.getAttribute(folder, "unix:uid");
        if (((Number) owner).longValue() != new UnixSystem().getUid()) {
            throw new ReImagenException(
                    folder + ": belongs to somebody else; set REIMAGEN_NATIVES to a folder of your own");
        }
        var own = PosixFilePermissions.fromString("rwx------");
        if (!Files.getPosixFilePermissions(folder).equals(own)) {
            Files.setPosixFilePermissions(folder, own);
        }
    }

    private Report hashAll() throws IOException, InterruptedException {
        Set<String> sound = NativeJar.hashes(jars);
        int replaced = deleteStrangers(sound);
        if (replaced > 0 || !Files.exists(record())) {
            for (NativeJar jar : jars) {
                jar.unpackFlat(folder);
            }
            unpacking.run(folder);
            int again = deleteStrangers(sound);
            if (again > 0) {
                throw new IOException(again + " files came back that no jar holds");
            }
        }
        write();
        long bytes = 0;
        List<Path> files =
                files().stream().filter(f -> !Files.isSymbolicLink(f)).toList();
        for (Path file : files) {
            bytes += Files.size(file);
        }
        return new Report(files.size(), bytes, replaced);
    }

    /** Deletes what no jar holds, and links that lead out of the folder or nowhere; returns how many went. */
    private int deleteStrangers(Set<String> sound) throws IOException {
        int deleted = 0;
        for (Path file : files()) {
            boolean link = Files.isSymbolicLink(file);
            if (link ? !leadsInside(file) : !sound.contains(NativeJar.sha256(file))) {
                Files.delete(file);
                say.accept(file + (link ? ": a link that leads elsewhere" : ": not as in its jar") + "; replaced");
                deleted++;
            }
        }
        return deleted;
    }

    private boolean leadsInside(Path link) throws IOException {
        return Files.exists(link) && link.toRealPath().startsWith(folder.toRealPath());
    }

    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        for (NativeJar jar : jars) {
            Path unpacked = jar.folder(folder);
            if (Files.isDirectory(unpacked, LinkOption.NOFOLLOW_LINKS)) {
                try (Stream<Path> all = Files.walk(unpacked)) {
                    all.filter(f -> !Files.isDirectory(f, LinkOption.NOFOLLOW_LINKS))
                            .forEach(files::add);
                }
            }
        }
        return files;
    }

    private Path record() {
        return folder.resolve("verified-" + NativeJar.fingerprint(jars));
    }

    /** What a start compares: by path, the size and the time of the last change of a file, the target of a link. */
    private String state() throws IOException {
        Map<String, String> state = new TreeMap<>();
        for (Path file : files()) {
            String is = Files.isSymbolicLink(file)
                    ? "-> " + Files.readSymbolicLink(file)
                    : Files.size(file) + " " + ((FileTime) Files.getAttribute(file, "unix:ctime")).toInstant();
            state.put(folder.relativize(file).toString(), is);
        }
        StringBuilder lines = new StringBuilder();
        state.forEach((file, is) -> lines.append(file).append(' ').append(is).append('\n'));
        return lines.toString();
    }

    private boolean isAsRecorded() throws IOException {
        Path record = record();
        return Files.isRegularFile(record) && Files.readString(record).equals(state());
    }

    private void write() throws IOException {
        byte[] state = state().getBytes(java.nio.charset.StandardCharsets.UTF_8);
        AtomicFile.write(record(), out -> out.write(state));
    }

    /** Copies a stream into a file, there whole or not at all. */
    static void copy(InputStream in, Path file) throws IOException {
        Files.createDirectories(file.resolveSibling("."));
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
