package org.reimagen.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.checkpoint.AtomicFile;
import org.reimagen.eval.retrieval.OtherNames;
import org.reimagen.eval.retrieval.Question;
import org.reimagen.eval.retrieval.Questions;
import org.reimagen.eval.retrieval.RetrievalQuality;
import org.reimagen.eval.retrieval.Wording;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.encoder.CachingTextEncoder;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.knowledge.retrieval.Retriever;
import org.reimagen.knowledge.retrieval.Retrievers;
import org.reimagen.pipeline.Vectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code eval retrieval}: recall of the right entity, by retriever and wording. */
@Command(
        name = "retrieval",
        mixinStandardHelpOptions = true,
        description = "Looks up entities by label, tags, other names, misspelt and by picture.")
final class EvalRetrievalCommand implements Callable<Integer> {
    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @CommandLine.Mixin
    private KbFlag kb = new KbFlag();

    @Option(
            names = "--retriever",
            split = ",",
            defaultValue = "bm25,dense,rrf,weighted",
            description = "${COMPLETION-CANDIDATES}")
    private List<Retrievers> retrievers = List.of();

    @Option(names = "--knn", defaultValue = "4", description = "neighbours that count, 1 to 100 (${DEFAULT-VALUE})")
    private int k;

    @CommandLine.Mixin
    private ClipFlag clip = new ClipFlag();

    @Option(names = "--names", defaultValue = "", description = "folder of emojibase-data (default: the fetched one)")
    private String names = "";

    @Option(names = "--seed", defaultValue = "0", description = "of misspellings and choices (${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--all", description = "ask for every entity, not only those held out of training")
    private boolean everything;

    @Option(names = "--output-dir", defaultValue = "out/retrieval")
    private Path folder = Path.of("out/retrieval");

    @Override
    public Integer call() {
        if (k < 1 || k > 100) {
            throw terminal.wrongUsage("--knn must be 1 to 100, was " + k);
        }
        PrintWriter out = terminal.out();
        try (KnowledgeBase base = kb.open();
                TextEncoder encoder = new CachingTextEncoder(OnnxTextEncoder.builtIn(), 10_000);
                Vectors vectors = clip.open(encoder)) {
            Questions about = new Questions(base, otherNames(), seed);
            List<Question> questions = everything ? about.all() : about.heldOut();
            Map<String, Object> results = new LinkedHashMap<>();
            results.put("knowledge_base_sha256", base.hash());
            results.put("pairs", base.size());
            results.put("k", k);
            results.put("seed", seed);
            results.put("vectors", vectors.names());
            results.put("rows", measure(kind -> vectors.retriever(kind, base), questions, out, base.size()));
            byte[] json = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(results);
            AtomicFile.write(folder.resolve("results.json"), to -> to.write(json));
            out.println("wrote " + folder.resolve("results.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return 0;
    }

    private @Nullable OtherNames otherNames() {
        Path given = Defaults.orElse(names, Defaults.emojibase());
        return names.isEmpty() && !Files.isDirectory(given) ? null : new OtherNames(given);
    }

    private List<Map<String, Object>> measure(
            Function<Retrievers, Retriever> byKind, List<Question> questions, PrintWriter out, int pairs) {
        out.printf(
                "among %d pairs, per cent with 95 %% bootstrap interval over entities; recall@%d, precision@%d%n",
                pairs, k, k);
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Wording wording : Wording.values()) {
            List<Question> asked =
                    questions.stream().filter(q -> q.wording() == wording).toList();
            if (asked.isEmpty()) {
                out.println("no question for wording " + wording.words());
                continue;
            }
            for (Retrievers kind : retrievers) {
                if (wording == Wording.PICTURE && kind == Retrievers.BM25) {
                    continue;
                }
                Retriever retriever = byKind.apply(kind);
                RetrievalQuality quality = RetrievalQuality.of(retriever, asked, k);
                out.printf(
                        "%-10s  %-8s  recall %-14s precision %-14s N = %d, such as \"%s\"%n",
                        wording.words(),
                        kind.name().toLowerCase(java.util.Locale.ROOT),
                        quality.recall().percent(),
                        quality.precision().percent(),
                        asked.size(),
                        asked.get(asked.size() / 2).shown());
                rows.add(Map.of("wording", wording, "retriever", kind, "quality", quality));
            }
        }
        return rows;
    }
}
