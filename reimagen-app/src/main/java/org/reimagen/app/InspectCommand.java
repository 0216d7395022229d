package org.reimagen.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.reimagen.core.ReImagenException;
import org.reimagen.pipeline.PngWriter;
import org.reimagen.pipeline.Provenance;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inspect}: what a picture says of its own making. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description =
                "Prints how a picture was made: model, knowledge base, seed, every reference with licence and author.")
final class InspectCommand implements Callable<Integer> {
    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @Parameters(paramLabel = "PNG")
    private String file = "";

    @Option(names = "--raw", description = "print the text chunks as they are")
    private boolean raw;

    @Override
    public Integer call() {
        PrintWriter console = terminal.out();
        Map<String, String> text = PngWriter.read(Path.of(file));
        if (text.isEmpty()) {
            throw new ReImagenException(file + ": carries no metadata");
        }
        List<String> lines = raw ? List.of() : Provenance.lines(text);
        lines.forEach(console::println);
        if (lines.isEmpty()) {
            text.forEach((keyword, value) -> console.println(keyword + ": " + value));
        }
        return 0;
    }
}
