package org.reimagen.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.pipeline.ReImagen;
import org.reimagen.server.RequestLog;
import org.reimagen.server.Server;
import org.reimagen.server.ServerConfig;
import org.reimagen.server.job.Studio;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code serve}: the page and the HTTP interfaces, until it is stopped. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = "Opens a local page and the HTTP interfaces; stop it with Ctrl-C.")
final class ServeCommand implements Callable<Integer> {
    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @Option(names = "--host", defaultValue = "127.0.0.1", description = "address to listen on (${DEFAULT-VALUE})")
    private String host = "127.0.0.1";

    @Option(names = "--port", defaultValue = "7860", description = "port, 0 for any free one (${DEFAULT-VALUE})")
    private int port;

    @Option(
            names = "--token",
            defaultValue = "${env:REIMAGEN_TOKEN}",
            description = "what clients must give, at least 16 characters; better in the environment: REIMAGEN_TOKEN")
    private @Nullable String token;

    @Option(names = "--name", split = ",", description = "further names that clients may call the server by")
    private Set<String> names = new LinkedHashSet<>();

    @CommandLine.Mixin
    private KbFlag kb = new KbFlag();

    @CommandLine.Mixin
    private ModelFlag model = new ModelFlag();

    @Option(names = "--gallery", description = "folder of the kept pictures (default: .cache/gallery)")
    private String gallery = "";

    @Option(names = "--queue", defaultValue = "16", description = "drawings that may wait (${DEFAULT-VALUE})")
    private int queue;

    @Option(
            names = "--batch",
            defaultValue = "4",
            description = "most pictures of several requests drawn in one batch (${DEFAULT-VALUE})")
    private int batch;

    @Option(names = "--max-steps", defaultValue = "100", description = "most steps of a request (${DEFAULT-VALUE})")
    private int maxSteps;

    @Option(names = "--max-images", defaultValue = "4", description = "most pictures of a request (${DEFAULT-VALUE})")
    private int maxImages;

    @Option(names = "--log-prompts", description = "write prompts into the log")
    private boolean logPrompts;

    @CommandLine.Mixin
    private RetrieverFlags retrieval = new RetrieverFlags();

    @CommandLine.Mixin
    private TextEncoderFlag textEncoder = new TextEncoderFlag();

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter console = terminal.out();
        PrintWriter log = terminal.err();
        ServerConfig config = new ServerConfig(
                host,
                port,
                token == null || token.isEmpty() ? null : token,
                names,
                Defaults.orElse(gallery, Defaults.gallery()),
                queue,
                batch,
                maxSteps,
                maxImages,
                logPrompts);
        Path folder = model.folder();
        CountDownLatch asked = new CountDownLatch(1);
        try (Studio studio = new Studio(kb.folder(), base -> open(folder, base))) {
            Server server = Server.start(config, studio, folder, new RequestLog(log::println, logPrompts));
            StopSignals.handle(asked::countDown);
            console.println("open " + server.address());
            asked.await();
            server.stop();
        }
        return 0;
    }

    private ReImagen open(Path folder, KnowledgeBase base) {
        ReImagen reimagen = ReImagen.open(folder, base, () -> textEncoder.openFor(folder));
        try {
            retrieval.use(reimagen, false);
        } catch (RuntimeException e) {
            reimagen.close();
            throw e;
        }
        return reimagen;
    }
}
