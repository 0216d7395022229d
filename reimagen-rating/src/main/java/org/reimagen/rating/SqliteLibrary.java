package org.reimagen.rating;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.reimagen.core.ReImagenException;

/**
 * Where SQLite's native library is unpacked to: a folder that nobody else can write into, since what lies there is run.
 * Left to itself the driver takes the common folder for temporary files.
 */
final class SqliteLibrary {
    private static final String PROPERTY = "org.sqlite.tmpdir";
    /** Names the folder of a library that was unpacked and verified before; nothing is unpacked then. */
    private static final String VERIFIED = "org.sqlite.lib.path";

    private SqliteLibrary() {}

    /**
     * Sees to it that the folder is set and private; a new one for the life of this process where none is set.
     *
     * @throws ReImagenException naming the folder if others may write into it
     */
    static synchronized void prepare() {
        if (System.getProperty(VERIFIED) != null) {
            return;
        }
        String given = System.getProperty(PROPERTY, "");
        try {
            if (given.isEmpty()) {
                Path made = Files.createTempDirectory("reimagen-sqlite"); // owner only
                made.toFile().deleteOnExit();
                System.setProperty(PROPERTY, made.toString());
            } else {
                check(Path.of(given));
            }
        } catch (IOException e) {
            throw new ReImagenException("no private folder for SQLite's library: " + e.getMessage(), e);
        }
    }

    private static void check(Path folder) throws IOException {
        if (!folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
        if (permissions.contains(PosixFilePermission.OTHERS_WRITE)
                || permissions.contains(PosixFilePermission.GROUP_WRITE)) {
            throw new ReImagenException(folder
                    + ": others may write into it; SQLite's library must not be unpacked there (" + PROPERTY + ")");
        }
    }
}
