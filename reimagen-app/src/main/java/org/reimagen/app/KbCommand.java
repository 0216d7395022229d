package org.reimagen.app;

import java.awt.Color;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.NewPair;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.Verification;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.knowledge.ingest.CaptionedSource;
import org.reimagen.knowledge.ingest.CocoCaptions;
import org.reimagen.knowledge.ingest.Embedding;
import org.reimagen.knowledge.ingest.Ingest;
import org.reimagen.knowledge.ingest.Source;
import org.reimagen.knowledge.ingest.Sources;
import org.reimagen.knowledge.ingest.WebQaImages;
import org.reimagen.knowledge.retrieval.Neighbor;
import org.reimagen.pipeline.ContactSheet;
import org.reimagen.pipeline.PngWriter;
import org.reimagen.pipeline.Vectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kb}: makes, fills, searches and checks knowledge bases. */
@Command(
        name = "kb",
        mixinStandardHelpOptions = true,
        description = "Makes, fills, searches and checks knowledge bases.",
        subcommands = KbSearchCommand.class)
final class KbCommand implements Runnable {
    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @Override
    public void run() {
        throw terminal.wrongUsage("which command? See reimagen kb --help");
    }

    /** Where the pictures of a captions file lie. */
    static final class CaptionFlags {
        @Option(
                names = "--images",
                description = "--from is a captions file, and its pictures are here: a folder (COCO) or a TSV (WebQA)")
        private @Nullable Path images;

        @Option(names = "--split", defaultValue = "train", description = "of WebQA (${DEFAULT-VALUE})")
        private String split = "train";

        Source source(Path from, NewPair.Credit credit) {
            if (images == null) {
                return Sources.at(from, credit);
            }
            return new CaptionedSource(
                    Files.isDirectory(images) ? CocoCaptions.read(from, images) : WebQaImages.read(from, images, split),
                    credit);
        }
    }

    @Command(name = "create", mixinStandardHelpOptions = true, description = "Makes a knowledge base from a source.")
    int create(
            @Parameters(paramLabel = "KB", description = "folder to make") Path folder,
            @Option(names = "--from", required = true, description = "folder, table or picture set") List<Path> from,
            @CommandLine.Mixin CreditFlags credit,
            @CommandLine.Mixin CaptionFlags captions) {
        return add(folder, from, credit, captions);
    }

    @Command(name = "add", mixinStandardHelpOptions = true, description = "Adds sources to a knowledge base.")
    int add(
            @Parameters(paramLabel = "KB", description = "folder of the base") Path folder,
            @Option(names = "--from", required = true, description = "folder, table or picture set") List<Path> from,
            @CommandLine.Mixin CreditFlags credit,
            @CommandLine.Mixin CaptionFlags captions) {
        fill(folder, from, path -> captions.source(path, credit.of(path)), terminal);
        return 0;
    }

    /** Adds pictures to the base in {@code folder}, made if it is not there; says what was left out and why. */
    static void fill(Path folder, List<Path> from, CreditFlags credit, Terminal terminal) {
        fill(folder, from, path -> Sources.at(path, credit.of(path)), terminal);
    }

    private static void fill(Path folder, List<Path> from, Function<Path, Source> sources, Terminal terminal) {
        PrintWriter console = terminal.out();
        int added = 0;
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            for (Path path : from) {
                Ingest ingest = new Ingest(writer, n -> terminal.err().println(n + " pairs safe"));
                Ingest.Report report = ingest.run(sources.apply(path));
                report.rejected().forEach(r -> console.println("left out " + r.item() + ": " + r.reason()));
                added += report.added();
            }
        }
        console.println("added " + added + " pairs to " + folder);
        if (added == 0) {
            throw new KnowledgeException(from + ": held nothing that could be added");
        }
    }

    @Command(
            name = "embed",
            mixinStandardHelpOptions = true,
            description = "Gives pairs the vectors that the retrievers dense, rrf and weighted need.")
    int embed(
            @CommandLine.Mixin KbFlag kb,
            @CommandLine.Mixin ClipFlag clip,
            @CommandLine.Mixin TextEncoderFlag textEncoder) {
        Path folder = kb.folder();
        try (KnowledgeBase base = KnowledgeBase.open(folder);
                TextEncoder encoder = textEncoder.open(16);
                Vectors vectors = clip.open(encoder);
                KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            Embedding embedding =
                    new Embedding(vectors.embedders(), n -> terminal.err().println(n + " pairs embedded"));
            terminal.out().println("embedded " + embedding.run(base, writer) + " pairs of " + folder);
        }
        return 0;
    }

    static void writeSheet(Path file, KnowledgeBase base, List<Neighbor> found) {
        List<ContactSheet.Cell> cells = new ArrayList<>();
        for (Neighbor neighbor : found) {
            Pair pair = neighbor.pair();
            cells.add(new ContactSheet.Cell(
                    Pictures.on(Color.WHITE, base.picture(pair, 128)),
                    pair.title(),
                    "%.2f  %s".formatted(neighbor.score(), pair.style())));
        }
        PngWriter.write(file, ContactSheet.draw(cells, 128, 8), Map.of());
    }

    static String line(Pair pair) {
        return "%-36s %-14s %s".formatted(pair.id(), pair.licence(), pair.caption());
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists all pairs.")
    int list(@CommandLine.Mixin KbFlag kb) {
        PrintWriter console = terminal.out();
        try (KnowledgeBase base = kb.open()) {
            base.pairs().forEach(p -> console.println(p.sha256() + "  " + line(p)));
        }
        return 0;
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, description = "Removes a picture and blocks its return.")
    int remove(
            @Parameters(paramLabel = "KB", description = "folder of the base") Path folder,
            @Option(names = "--sha256", required = true, description = "hash of the original") String sha256) {
        KnowledgeBase.open(folder).close();
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            int count = writer.remove(sha256);
            terminal.out().println("removed " + count + " pairs");
            if (count == 0) {
                throw new KnowledgeException(
                        sha256 + ": no pair of " + folder + " has this hash; its coming is blocked");
            }
        }
        return 0;
    }

    @Command(name = "verify", mixinStandardHelpOptions = true, description = "Finds damage of index or originals.")
    int verify(@CommandLine.Mixin KbFlag kb) {
        Path folder = kb.folder();
        List<String> faults = Verification.verify(folder);
        faults.forEach(terminal.out()::println);
        terminal.out().println(faults.isEmpty() ? folder + ": all is well" : folder + ": " + faults.size() + " faults");
        return faults.isEmpty() ? 0 : 1;
    }

    @Command(name = "stats", mixinStandardHelpOptions = true, description = "Counts pairs by style and licence.")
    int stats(@CommandLine.Mixin KbFlag kb) {
        PrintWriter console = terminal.out();
        try (KnowledgeBase base = kb.open()) {
            KnowledgeBase.Stats stats = base.stats();
            console.printf("%d pairs, %d entities, %d bytes%n", stats.pairs(), stats.entities(), stats.bytes());
            stats.styles().forEach((style, n) -> console.printf("  style %-20s %d%n", style, n));
            stats.licences().forEach((licence, n) -> console.printf("  licence %-18s %d%n", licence, n));
            console.println("hash " + base.hash());
        }
        return 0;
    }
}
