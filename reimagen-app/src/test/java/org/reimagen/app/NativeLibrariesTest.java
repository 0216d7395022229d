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

/** Two jars with a library each: one that its engine unpacks, played by the test, and one that is unpacked for it. */
class NativeLibrariesTest {
    private static final String TORCH = "pytorch-1.0-linux.jar";
    private static final String ONNX = "onnxruntime-1.0.jar";

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
                + temporary.resolve(ONNX));
        assertThat(jars).hasSize(2);
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
        assertThat(libraries().verify()).isEqualTo(new NativeLibraries.Report(2, 9, 0));
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
