package org.reimagen.app;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a command writes, and how it says that it was called wrongly; mixed into every command. */
@Command
final class Terminal {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    private CommandLine commandLine() {
        if (spec == null) {
            throw new IllegalStateException("not called by the command line");
        }
        return spec.commandLine();
    }

    /** For results. */
    PrintWriter out() {
        return commandLine().getOut();
    }

    /** For progress. */
    PrintWriter err() {
        return commandLine().getErr();
    }

    /** What to throw where flags do not fit; the process then ends with 2. */
    ParameterException wrongUsage(String message) {
        return new ParameterException(commandLine(), message);
    }
}
