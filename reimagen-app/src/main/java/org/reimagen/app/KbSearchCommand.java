package org.reimagen.app;

import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.knowledge.retrieval.Neighbor;
import org.reimagen.knowledge.retrieval.Query;
import org.reimagen.pipeline.Vectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kb search}: the pairs nearest to a text, a picture or both, with their scores. */
@Command(
        name = "search",
        mixinStandardHelpOptions = true,
        description = "Shows the pairs nearest to a text, a picture or both.")
final class KbSearchCommand implements Callable<Integer> {
    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @Parameters(paramLabel = "TEXT", arity = "0..1", defaultValue = "")
    private String text = "";

    @CommandLine.Mixin
    private PictureFlag image = new PictureFlag();

    @CommandLine.Mixin
    private RetrieverFlags retrieval = new RetrieverFlags();

    @CommandLine.Mixin
    private KbFlag kb = new KbFlag();

    @Option(names = "--knn", defaultValue = "10")
    private int k;

    @CommandLine.Mixin
    private FilterFlags filters = new FilterFlags();

    @Option(names = "--sheet", defaultValue = "", description = "contact sheet to write")
    private String sheet = "";

    @CommandLine.Mixin
    private TextEncoderFlag textEncoder = new TextEncoderFlag();

    @Override
    public Integer call() {
        if (k < 0 || k > Query.MAX_K) {
            throw new KnowledgeException("--knn must be 0 to 1000, was " + k);
        }
        if (text.isBlank() && !image.given()) {
            throw terminal.wrongUsage("give TEXT, --image or both");
        }
        PrintWriter console = terminal.out();
        try (KnowledgeBase base = kb.open()) {
            List<Neighbor> found = search(base);
            found.forEach(n -> console.printf("%3d  %7.4f  %s%n", n.rank(), n.score(), KbCommand.line(n.pair())));
            if (found.isEmpty()) {
                throw new KnowledgeException("nothing found for \"" + text + "\"");
            }
            if (!sheet.isEmpty()) {
                KbCommand.writeSheet(Path.of(sheet), base, found);
                console.println("wrote " + sheet);
            }
        }
        return 0;
    }

    private List<Neighbor> search(KnowledgeBase base) {
        Query query = Query.of(text, k).filtered(filters.filters());
        BufferedImage picture = image.read();
        try (TextEncoder encoder = textEncoder.open();
                Vectors vectors = Vectors.open(retrieval.clip(), encoder)) {
            return retrieval
                    .over(base, vectors, picture != null)
                    .retrieve(picture == null ? query : query.withPicture(picture));
        }
    }
}
