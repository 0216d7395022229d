package org.reimagen.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.AtomicFile;
import org.reimagen.eval.listing.ListedPicture;
import org.reimagen.eval.listing.Listing;
import org.reimagen.rating.Answer;
import org.reimagen.rating.RatingStore;
import org.reimagen.rating.figures.RatingReport;
import org.reimagen.rating.page.RatingDesk;
import org.reimagen.rating.page.RatingServer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code eval rate}: a local page on which people rate drawings; with {@code --report}, the figures of their answers. */
@Command(
        name = "rate",
        mixinStandardHelpOptions = true,
        description =
                "Opens a local page on which people rate the drawings of an evaluation, or reports what they said.")
final class EvalRateCommand implements Callable<Integer> {
    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @Parameters(paramLabel = "FOLDER", description = "that eval entitydraw or eval faithfulness wrote")
    private Path folder = Path.of("");

    @Option(names = "--ratings", defaultValue = "", description = "SQLite file (default: FOLDER/ratings.sqlite)")
    private String ratings = "";

    @Option(names = "--port", defaultValue = "7861", description = "on loopback, 0 for any free one (${DEFAULT-VALUE})")
    private int port;

    @Option(names = "--seed", defaultValue = "0", description = "of the raters' orders (${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--report",
            description = "print shares and agreement; write ratings.json and ratings.csv into FOLDER")
    private boolean report;

    @Override
    public Integer call() throws InterruptedException {
        if (port < 0 || port > 65535) {
            throw terminal.wrongUsage("--port must be 0 to 65535, was " + port);
        }
        List<ListedPicture> listing = Listing.read(folder);
        Path file = ratings.isEmpty() ? folder.resolve("ratings.sqlite") : Path.of(ratings);
        if (report && !Files.isRegularFile(file)) {
            throw new ReImagenException(file + ": no such file; nothing has been rated");
        }
        PrintWriter out = terminal.out();
        if (report) {
            try (RatingStore store = RatingStore.open(file)) {
                report(listing, store.answers(), out);
            }
        } else {
            serve(file, out);
        }
        return 0;
    }

    private void report(List<ListedPicture> listing, List<Answer> answers, PrintWriter out) {
        RatingReport figures = new RatingReport(listing, answers);
        figures.lines().forEach(out::println);
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("pictures", listing.size());
        results.put("questions", figures.figures());
        try {
            byte[] json = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(results);
            AtomicFile.write(folder.resolve("ratings.json"), to -> to.write(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        byte[] csv = figures.csv().getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(folder.resolve("ratings.csv"), to -> to.write(csv));
        out.println("wrote " + folder.resolve("ratings.json") + " and " + folder.resolve("ratings.csv"));
    }

    private void serve(Path file, PrintWriter out) throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        try (RatingStore store = RatingStore.open(file)) {
            RatingDesk desk = new RatingDesk(folder, store, seed);
            RatingServer server = RatingServer.start(desk, port);
            StopSignals.handle(asked::countDown);
            out.println(desk.size() + " pictures; open " + server.address() + " (Ctrl-C ends)");
            asked.await();
            server.stop();
        }
    }
}
