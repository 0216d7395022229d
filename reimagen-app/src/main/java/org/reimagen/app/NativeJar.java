package org.reimagen.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A jar of the class path that holds native libraries.
 *
 * @param file the jar
 * @param flat whether its libraries are unpacked here, into one folder, since its engine would do so anew at every start
 */
record NativeJar(Path file, boolean flat) {
    private static final Pattern NAME =
            Pattern.compile("(javacpp|openblas|pytorch|onnxruntime|tokenizers|sqlite-jdbc)-\\d[^/]*\\.jar");
    private static final Pattern LIBRARY = Pattern.compile(".*\\.(so(\\.\\d+)*|dylib)");
    private static final Pattern FLAT = Pattern.compile("(onnxruntime|sqlite-jdbc)-.*");

    /** Those of a class path, in its order. */
    static List<NativeJar> of(String classPath) {
        return Arrays.stream(classPath.split(Pattern.quote(java.io.File.pathSeparator), -1))
                .map(Path::of)
                .filter(f -> NAME.matcher(String.valueOf(f.getFileName())).matches())
                .map(f -> new NativeJar(
                        f, FLAT.matcher(String.valueOf(f.getFileName())).matches()))
                .toList();
    }

    /** The file's name. */
    String name() {
        return String.valueOf(file.getFileName());
    }

    /** Where its libraries lie, inside the folder of all. */
    Path folder(Path all) {
        return all.resolve(name());
    }

    /** Whether a library is of this platform, however the jar spells that. */
    private static boolean isOfThisPlatform(String entry) {
        String os = System.getProperty("os.name").startsWith("Mac") ? "(osx|macosx|Mac)" : "[Ll]inux";
        String arch = System.getProperty("os.arch").matches("amd64|x86_64") ? "(x64|x86_64)" : "(aarch64|arm64)";
        return entry.matches(".*/" + os + "[-/]" + arch + "/.*");
    }

    private static List<? extends ZipEntry> libraries(ZipFile jar) {
        return jar.stream()
                .filter(e -> LIBRARY.matcher(e.getName()).matches() && isOfThisPlatform(e.getName()))
                .toList();
    }

    /** SHA-256 of every library for this platform. */
    static Set<String> hashes(List<NativeJar> jars) throws IOException {
        Set<String> hashes = new HashSet<>();
        for (NativeJar each : jars) {
            try (ZipFile jar = new ZipFile(each.file.toFile())) {
                for (ZipEntry library : libraries(jar)) {
                    hashes.add(sha256(jar.getInputStream(library)));
                }
            }
        }
        return hashes;
    }

    /** Unpacks what is missing of a flat jar. */
    void unpackFlat(Path all) throws IOException {
        if (!flat) {
            return;
        }
        try (ZipFile jar = new ZipFile(file.toFile())) {
            for (ZipEntry library : libraries(jar)) {
                Path target = folder(all).resolve(Path.of(library.getName()).getFileName());
                if (!Files.exists(target)) {
                    try (InputStream in = jar.getInputStream(library)) {
                        NativeLibraries.copy(in, target);
                    }
                }
            }
        }
    }

    /** Changes when a jar does: 16 hex digits over names, sizes and times. */
    static String fingerprint(List<NativeJar> jars) {
        MessageDigest digest = digest();
        for (NativeJar jar : jars) {
            try {
                String line = jar.file + " " + Files.size(jar.file) + " " + Files.getLastModifiedTime(jar.file) + "\n";
                digest.update(line.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(jar.file + ": " + e.getMessage(), e);
            }
        }
        return HexFormat.of().formatHex(digest.digest(), 0, 8);
    }

    static String sha256(Path file) throws IOException {
        return sha256(Files.newInputStream(file));
    }

    private static String sha256(InputStream bytes) throws IOException {
        try (DigestInputStream in = new DigestInputStream(bytes, digest())) {
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
