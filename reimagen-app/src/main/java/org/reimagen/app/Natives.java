package org.reimagen.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.tensor.Engine;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;

/** Tells each engine where its verified native libraries lie, in the folder that the launcher names. */
final class Natives {
    /** The launcher's folder; without it, as in tests, each engine unpacks as it is used to. */
    static final String FOLDER = "reimagen.natives";

    private Natives() {}

    /** The libraries of this class path in the launcher's folder, null without one. */
    static @Nullable NativeLibraries libraries(Consumer<String> say) {
        String folder = System.getProperty(FOLDER);
        return folder == null
                ? null
                : new NativeLibraries(
                        Path.of(folder), NativeJar.of(System.getProperty("java.class.path")), Natives::unpack, say);
    }

    /** Verifies the libraries and points the engines at them; before any of them is loaded. */
    static void ensure(Consumer<String> say) {
        NativeLibraries libraries = libraries(say);
        if (libraries != null) {
            libraries.ensure();
            places(Path.of(System.getProperty(FOLDER))).forEach(System::setProperty);
        }
    }

    /** The system properties by which each engine finds its libraries. */
    static Map<String, String> places(Path folder) {
        Map<String, String> places = new TreeMap<>();
        places.put("org.bytedeco.javacpp.cachedir", folder.toString());
        for (NativeJar jar : NativeJar.of(System.getProperty("java.class.path"))) {
            String unpacked = jar.folder(folder).toString();
            if (jar.name().startsWith("onnxruntime-")) {
                places.put("onnxruntime.native.path", unpacked);
            } else if (jar.name().startsWith("tokenizers-")) {
                places.put("DJL_CACHE_DIR", unpacked);
            } else if (jar.name().startsWith("sqlite-jdbc-")) {
                places.put("org.sqlite.lib.path", unpacked);
                places.put("org.sqlite.lib.name", System.mapLibraryName("sqlitejdbc"));
            }
        }
        return places;
    }

    /** The class path goes by the environment, as in the launcher. */
    private static void unpack(Path folder) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
        places(folder).forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.add(Unpacker.class.getName());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException("unpacking ended with " + code + ": "
                    + said.lines().filter(l -> !l.isBlank()).reduce((a, b) -> b).orElse(""));
        }
    }

    /** What the other process runs: each engine unpacks what it loads. */
    static final class Unpacker {
        private Unpacker() {}

        /** Loads the engines. */
        public static void main(String[] arguments) {
            OnnxTextEncoder.builtIn().close();
            System.out.println(Engine.describe());
        }
    }
}
