package org.reimagen.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A file system of some mebibytes in memory, seen by one process and its children alone: it is mounted in a namespace of their own, which
 * takes no root where the kernel allows such namespaces.
 *
 * @param folder where it is mounted
 */
public record SmallDisk(Path folder) {
    private static final int BLOCK = 1 << 16;
    private static final int PAGE = 4096;
    private static final String MOUNT = "mount -t tmpfs -o size=\"$1\" tmpfs \"$0\" && shift && exec \"$@\"";

    private static List<String> mounted(Path folder, int mebibytes) {
        return List.of("unshare", "-rm", "sh", "-c", MOUNT, folder.toString(), mebibytes + "m");
    }

    private static boolean allowed(Path folder) throws InterruptedException {
        try {
            List<String> command = new ArrayList<>(mounted(folder, 1));
            command.add("true");
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // no unshare
        }
    }

    /**
     * Runs a loop that sees such a disk, and prints what it said; skips the test where there can be none.
     *
     * @param temporary a folder for the disk's mount and for what the loop keeps outside it
     * @param loop its main class: gets both folders and the words of the rounds, throws where something is wrong
     */
    public static void run(Path temporary, int mebibytes, Class<?> loop, Rounds rounds) throws Exception {
        Path disk = Files.createDirectories(temporary.resolve("disk"));
        Path beside = Files.createDirectories(temporary.resolve("beside"));
        assumeTrue(allowed(disk), "no disk to fill: unshare -rm and a tmpfs in it are not allowed here");
        List<String> arguments = new ArrayList<>(List.of(disk.toString(), beside.toString()));
        arguments.addAll(rounds.words());
        Child child = Child.start(
                temporary.resolve("loop"), mounted(disk, mebibytes), loop, arguments.toArray(String[]::new));
        boolean ended = child.endsWithin(Duration.ofHours(3));
        System.out.println(child.out());
        assertThat(ended).isTrue();
        assertThat(child.exit()).as(child.err()).isZero();
    }

    /** Bytes that may be written. */
    public long room() throws IOException {
        return Files.getFileStore(folder).getUsableSpace();
    }

    /** Takes room away until about so many bytes are left. */
    public void fill(long left) throws IOException {
        long pages = left - left % PAGE;
        try (FileChannel channel = FileChannel.open(filling(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (long more = room() - pages; more > 0; more = room() - pages) {
                channel.write(ByteBuffer.allocate((int) Math.min(more, BLOCK)));
            }
        } catch (IOException e) {
            assertThat(e).as("somebody else was faster").hasMessageContaining("No space left on device");
        }
    }

    /** Gives the room back that {@link #fill} took. */
    public void free() throws IOException {
        Files.deleteIfExists(filling());
    }

    private Path filling() {
        return folder.resolve("filling");
    }

    /** Checks that a process failed for want of room: code 1, and one line that names the path and the reason. */
    public void assertFailedInOneLine(Child child, String progress) throws IOException {
        List<String> lines =
                child.err().lines().filter(line -> !line.matches(progress)).toList();
        assertThat(child.exit()).as(child.out() + child.err()).isEqualTo(1);
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst())
                .startsWith("error: ")
                .contains(folder.toString())
                .contains("No space left on device");
    }
}
