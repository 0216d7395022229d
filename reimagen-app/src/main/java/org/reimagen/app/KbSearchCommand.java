package org.reimagen.app;

import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.knowledge.retrieval.Filters;
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
    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Parameters(paramLabel = "TEXT", arity = "0..1", defaultValue = "")
    private String text = "";

    @CommandLine.Mixin
    private PictureFlag image = new PictureFlag();

    @CommandLine.Mixin
    private RetrieverFlags retrieval = new RetrieverFlags();

    @Option(names = "--kb", defaultValue = "")
    private String kb = "";

    @Option(names = "--knn", defaultValue = "10")
    private int k;

    @Option(names = "--style", split = ",", description = "only these styles")
    private Set<String> styles = new LinkedHashSet<>();

    @Option(names = "--licence-allow", split = ",", description = "only these SPDX licences")
    private Set<String> licences = new LinkedHashSet<>();

    @Option(names = "--sheet", defaultValue = "", description = "contact sheet to write")
    private String sheet = "";

    @CommandLine.Mixin
    private TextEncoderFlag textEncoder = new TextEncoderFlag();

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("not called by the command line");
        }
        if (k < 0 || k > Query.MAX_K) {
            throw new KnowledgeException("--knn must be 0 to 1000, was " + k);
        }
        if (text.isBlank() && !image.given()) {
            throw new CommandLine.ParameterException(spec.commandLine(), "give TEXT, --image or both");
        }
        PrintWriter console = spec.commandLine().getOut();
        try (KnowledgeBase base = KnowledgeBase.open(Defaults.orElse(kb, Defaults.knowledgeBase()))) {
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
        Query query = Query.of(text, k).filtered(new Filters(styles, licences, Set.of(), Set.of()));
        BufferedImage picture = image.read();
        try (TextEncoder encoder = textEncoder.open();
                Vectors vectors = Vectors.open(retrieval.clip(), encoder)) {
            return retrieval
                    .over(base, vectors, picture != null)
                    .retrieve(picture == null ? query : query.withPicture(picture));
        }
    }
}
