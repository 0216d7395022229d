package org.reimagen.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;
import org.reimagen.rating.RatingStore;

/** Three jars with a library each: one that its engine unpacks, played by the test, and two that are unpacked for theirs. */
class NativeLibrariesTest {
    private static final String TORCH = "pytorch-1.0-linux.jar";
    private static final String ONNX = "onnxruntime-1.0.jar";
    private static final String SQLITE = "sqlite-jdbc-1.0.jar";

    @TempDir
    Path temporary = Path.of("");

    private final List<String> said = new ArrayList<>();
    private Path folder = Path.of("");
    private int unpacked;
    private boolean hostile;

    private static String platform(String amd64) {
        String os = System.getProperty("os.name").startsWith("Mac") ? "osx" : "linux";
        return os + "-" + (System.getProperty("os.arch").matches("amd64|x86_64") ? amd64 : "aarch64");
    }

    @BeforeEach
    void jars() throws IOException {
        folder = temporary.resolve("natives");
        jar(TORCH, "org/bytedeco/pytorch/" + platform("x86_64") + "/libtorch.so.2", "torch");
        jar(ONNX, "ai/onnxruntime/native/" + platform("x64") + "/libonnxruntime.so", "onnx");
        String sqlite =
                platform("x86_64").replace('-', '/').replace("linux", "Linux").replace("osx", "Mac");
        jar(SQLITE, "org/sqlite/native/" + sqlite + "/libsqlitejdbc.so", "sqlite");
    }

    private void jar(String name, String entry, String content) throws IOException {
        try (OutputStream file = Files.newOutputStream(temporary.resolve(name));
                ZipOutputStream jar = new ZipOutputStream(file)) {
            for (String each : List.of(entry, "native/win-x64/other.so")) {
                jar.putNextEntry(new ZipEntry(each));
                jar.write((each.equals(entry) ? content : "other").getBytes(java.nio.charset.StandardCharsets.UTF_8));
                jar.closeEntry();
            }
        }
    }

    private Path torch() {
        return folder.resolve(TORCH).resolve("org/libtorch.so.2");
    }

    private NativeLibraries libraries() {
        List<NativeJar> jars = NativeJar.of(temporary.resolve("picocli-1.0.jar")
                + java.io.File.pathSeparator
                + temporary.resolve(TORCH)
                + java.io.File.pathSeparator
                + temporary.resolve(ONNX)
                + java.io.File.pathSeparator
                + temporary.resolve(SQLITE));
        assertThat(jars).hasSize(3);
        return new NativeLibraries(folder, jars, this::unpack, said::add);
    }

    private void unpack(Path into) throws IOException {
        unpacked++;
        Path file = into.resolve(TORCH).resolve("org/libtorch.so.2");
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, hostile ? "hosts" : "torch");
        Path link = file.resolveSibling("libtorch.so");
        if (!Files.exists(link)) {
            Files.createSymbolicLink(link, file.getFileName());
        }
    }

    @Test
    void unpackedOnceIntoAPrivateFolderAndThenOnlyCompared() throws IOException {
        libraries().ensure();
        libraries().ensure();
        assertThat(unpacked).isEqualTo(1);
        assertThat(said).isEmpty();
        assertThat(folder.resolve(ONNX).resolve("libonnxruntime.so")).hasContent("onnx");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        assertThat(libraries().verify()).isEqualTo(new NativeLibraries.Report(3, 15, 0));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        libraries().ensure();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
    }

    /** As long as before and with its time set back: only the time of the change tells. */
    @Test
    void aTamperedLibraryIsReplacedInOneLine() throws IOException {
        libraries().ensure();
        FileTime time = Files.getLastModifiedTime(torch());
        Files.writeString(torch(), "trick");
        Files.setLastModifiedTime(torch(), time);
        libraries().ensure();
        assertThat(said).containsExactly(torch() + ": not as in its jar; replaced");
        assertThat(torch()).hasContent("torch");
        Path onnx = folder.resolve(ONNX).resolve("libonnxruntime.so");
        Files.writeString(onnx, "xnno");
        assertThat(libraries().verify().replaced()).isEqualTo(1);
        assertThat(onnx).hasContent("onnx");
        assertThat(unpacked).isEqualTo(3);
    }

    /** SQLite's, of the real jar, is the one that its driver loads, and comes back when it is tampered with. */
    @Test
    void theDriverOfSqliteLoadsTheVerifiedLibrary() throws Exception {
        List<NativeJar> jars = NativeJar.of(System.getProperty("java.class.path")).stream()
                .filter(jar -> jar.name().startsWith("sqlite-jdbc-"))
                .toList();
        assertThat(jars).hasSize(1);
        NativeLibraries real = new NativeLibraries(folder, jars, _ -> unpacked++, said::add);
        real.ensure();
        Path library = jars.getFirst().folder(folder).resolve(System.mapLibraryName("sqlitejdbc"));
        assertThat(loadedBy(library)).contains("kept");
        Files.writeString(library, "trick");
        real.ensure();
        assertThat(said).containsExactly(library + ": not as in its jar; replaced");
        assertThat(loadedBy(library)).contains("kept");
    }

    /** What a process said that opened a store of ratings and lists what it has mapped into memory. */
    private String loadedBy(Path library) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        Natives.places(folder).forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.addAll(List.of(
                "-Djava.io.tmpdir=" + Files.createDirectories(temporary.resolve("tmp")),
                "-cp",
                System.getProperty("java.class.path"),
                Store.class.getName(),
                temporary.resolve("ratings.sqlite").toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        Path maps = Path.of("/proc/self/maps");
        if (Files.exists(maps)) {
            assertThat(said).contains(library.toString());
        }
        assertThat(temporary.resolve("tmp")).isEmptyDirectory();
        return said;
    }

    /** Opens a store of ratings. */
    static final class Store {
        private Store() {}

        /** Opens the file that the first argument names. */
        public static void main(String[] arguments) throws IOException {
            RatingStore.open(Path.of(arguments[0])).close();
            Path maps = Path.of("/proc/self/maps");
            if (Files.exists(maps)) {
                Files.readAllLines(maps).stream()
                        .filter(line -> line.contains("sqlite"))
                        .forEach(System.out::println);
            }
            System.out.println("kept");
        }
    }

    @Test
    void strangersAndLinksThatLeadElsewhereGo() throws IOException {
        libraries().ensure();
        Path stranger = Files.writeString(torch().resolveSibling("libother.so"), "other");
        Path elsewhere = Files.writeString(temporary.resolve("libevil.so"), "torch");
        Path link = Files.createSymbolicLink(torch().resolveSibling("libevil.so"), elsewhere);
        libraries().ensure();
        assertThat(said)
                .containsExactlyInAnyOrder(
                        stranger + ": not as in its jar; replaced", link + ": a link that leads elsewhere; replaced");
        assertThat(Files.exists(stranger)).isFalse();
        assertThat(Files.exists(link)).isFalse();
        assertThat(elsewhere).hasContent("torch");
    }

    @Test
    void anotherJarIsVerifiedAnew() throws IOException {
        libraries().ensure();
        jar(TORCH, "org/bytedeco/pytorch/" + platform("x86_64") + "/libtorch.so.2", "torches");
        assertThatThrownBy(() -> libraries().ensure())
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("no jar holds");
        assertThat(said).contains(torch() + ": not as in its jar; replaced");
    }

    @Test
    void whatIsNotInAJarEvenAfterUnpackingIsRefused() {
        hostile = true;
        assertThatThrownBy(() -> libraries().ensure())
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("no jar holds")
                .message()
                .hasLineCount(1);
        assertThat(torch()).doesNotExist();
    }
}
