package org.reimagen.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Another Java process with this class path; what it says goes into two files. */
public final class Child {
    private final Process process;
    private final Path out;
    private final Path err;
    private final Path crash;

    private Child(ProcessBuilder builder, Path log) throws IOException {
        this.out = log.resolve("out.txt");
        this.err = log.resolve("err.txt");
        this.crash = log.resolve("hs_err.log");
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment().put("OPENBLAS_NUM_THREADS", "1");
        this.process =
                builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    }

    /**
     * Starts one.
     *
     * @param log folder of what it says, and of the report of a crash
     * @param main its main class
     */
    public static Child start(Path log, Class<?> main, String... arguments) throws IOException {
        return start(log, List.of(), main, arguments);
    }

    /** As {@link #start(Path, Class, String...)}, by another command that runs what follows it. */
    static Child start(Path log, List<String> by, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(by);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:ErrorFile=" + log.resolve("hs_err.log"),
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.awt.headless=true",
                main.getName()));
        command.addAll(List.of(arguments));
        return new Child(new ProcessBuilder(command), Files.createDirectories(log));
    }

    /** Everything that it said so far. */
    public String out() throws IOException {
        return Files.readString(out);
    }

    /** Everything that it complained of so far. */
    public String err() throws IOException {
        return Files.readString(err);
    }

    /** Whether it runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Whether it ends within this time. */
    public boolean endsWithin(Duration time) throws InterruptedException {
        return process.waitFor(time);
    }

    /** Its exit code; it has ended, and not by a crash. */
    public int exit() {
        assertThat(crash).doesNotExist();
        return process.exitValue();
    }

    /** SIGKILL; returns when it is gone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
