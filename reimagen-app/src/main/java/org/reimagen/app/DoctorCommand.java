package org.reimagen.app;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.reimagen.core.ReImagenException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code doctor}: hashes every native library against its jar. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Hashes every native library, and replaces those that are not as in their jars.")
final class DoctorCommand implements Callable<Integer> {
    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @Override
    public Integer call() {
        PrintWriter console = terminal.out();
        NativeLibraries libraries = Natives.libraries(console::println);
        if (libraries == null) {
            throw new ReImagenException("no folder of native libraries; start with ./reimagen doctor");
        }
        NativeLibraries.Report report = libraries.verify();
        console.printf(
                "%d native libraries, %d MB: %s%n",
                report.files(),
                report.bytes() >> 20,
                report.replaced() == 0 ? "all as in their jars" : report.replaced() + " were not, and are replaced");
        return report.replaced() == 0 ? 0 : 1;
    }
}
