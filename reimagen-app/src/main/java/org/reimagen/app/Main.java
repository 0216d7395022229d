package org.reimagen.app;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.tensor.EngineThread;
import org.reimagen.knowledge.KnowledgeException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;

/** Entry point of the command line. Exit codes: 0 done, 1 failed, 2 wrong usage, 75 stopped and saved. */
@Command(
        name = "reimagen",
        mixinStandardHelpOptions = true,
        description = "Draws what a prompt names, from pictures that it looks up first.",
        subcommands = {
            GenerateCommand.class,
            ServeCommand.class,
            KbCommand.class,
            DatasetCommand.class,
            TrainCommand.class,
            FinetuneCommand.class,
            EvalCommand.class,
            InspectCommand.class,
            BenchCommand.class,
            DoctorCommand.class,
            VersionCommand.class
        })
public final class Main implements Runnable {
    private static final Logger LUCENE = Logger.getLogger("org.apache.lucene");
    private static final Logger JSVG = Logger.getLogger("com.github.weisj.jsvg");

    /** Commands of which nearly every run draws. */
    private static final Set<String> DRAWING = Set.of("generate", "serve");

    @CommandLine.Spec
    private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "which command? See reimagen --help");
        }
    }

    /** Runs the command line and ends the JVM with its exit code. */
    public static void main(String[] args) {
        LUCENE.setLevel(
                Level.SEVERE); // it would report at every start that it runs without the incubating vector module
        JSVG.setLevel(Level.SEVERE); // it would print the stack of every filter of a picture that it cannot apply
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(runVerified(out, err, args));
    }

    private static int runVerified(PrintWriter out, PrintWriter err, String... args) {
        try {
            if (!List.of(args).contains("doctor")) { // it hashes them all by itself
                Natives.ensure(err::println);
            }
        } catch (ReImagenException e) {
            err.println("error: " + firstLine(e));
            return 1;
        }
        if (args.length > 0 && DRAWING.contains(args[0])) {
            EngineThread.warmUp(); // while the rest is read
        }
        try {
            return run(out, err, args);
        } finally {
            EngineThread.settle();
        }
    }

    /** Runs the command line; returns the exit code. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        return new CommandLine(new Main())
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(wrongUsage())
                .setExecutionExceptionHandler(failed())
                .execute(args);
    }

    private static IParameterExceptionHandler wrongUsage() {
        return (e, args) -> {
            e.getCommandLine().getErr().println("error: " + firstLine(e));
            return 2;
        };
    }

    private static IExecutionExceptionHandler failed() {
        return (e, command, parsed) -> {
            if (e instanceof ReImagenException
                    || e instanceof KnowledgeException
                    || e instanceof CancellationException) {
                command.getErr().println("error: " + firstLine(e));
                return 1;
            }
            throw e;
        };
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
    }
}
