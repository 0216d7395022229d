package org.reimagen.app;

import java.util.concurrent.Callable;
import org.reimagen.core.tensor.Engine;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code version}: versions of this program and of its engine, which it loads. */
@Command(name = "version", mixinStandardHelpOptions = true, description = "Prints versions.")
final class VersionCommand implements Callable<Integer> {
    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @Override
    public Integer call() {
        terminal.out()
                .printf("Re-Imagen for the JVM 0.1.0, LibTorch %s, Java %s%n", Engine.describe(), Runtime.version());
        return 0;
    }
}
