package org.reimagen.app;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.tensor.Engine;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code version}: versions of this program and of its engine, which it loads. */
@Command(name = "version", mixinStandardHelpOptions = true, description = "Prints versions.")
final class VersionCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("not called by the command line");
        }
        spec.commandLine()
                .getOut()
                .printf("Re-Imagen for the JVM 0.1.0, LibTorch %s, Java %s%n", Engine.describe(), Runtime.version());
        return 0;
    }
}
