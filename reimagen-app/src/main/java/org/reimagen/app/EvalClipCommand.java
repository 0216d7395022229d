package org.reimagen.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.reimagen.core.checkpoint.AtomicFile;
import org.reimagen.eval.Interval;
import org.reimagen.eval.clip.DualRecall;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.encoder.Embedder;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.Vectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code eval clip}: a dual encoder's recall of held-out entities, text to picture and picture to text. */
@Command(
        name = "clip",
        mixinStandardHelpOptions = true,
        description = "Recall of held-out entities in a dual encoder's space, by text and by picture.")
final class EvalClipCommand implements Callable<Integer> {
    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @CommandLine.Mixin
    private ClipFlag clip = new ClipFlag();

    @CommandLine.Mixin
    private KbFlag kb = new KbFlag();

    @Option(names = "--output-dir", defaultValue = "out/clip")
    private Path folder = Path.of("out/clip");

    @Override
    public Integer call() {
        PrintWriter out = terminal.out();
        try (KnowledgeBase base = kb.open();
                TextEncoder encoder = OnnxTextEncoder.builtIn();
                Embedder embedder = Vectors.dual(clip.orElse(Defaults.dualEncoder()), encoder)) {
            DualRecall recall = DualRecall.of(base, embedder);
            out.printf(
                    "%s, %d held-out entities, %d pictures; per cent with 95 %% bootstrap interval over entities%n",
                    embedder.name(), recall.entities(), recall.pictures());
            print(out, "text to picture", recall.byText(), recall.chanceByText());
            print(out, "picture to text", recall.byPicture(), recall.chanceByPicture());
            byte[] json = new ObjectMapper()
                    .writerWithDefaultPrettyPrinter()
                    .writeValueAsBytes(results(base, embedder.name(), recall));
            AtomicFile.write(folder.resolve("results.json"), to -> to.write(json));
            out.println("wrote " + folder.resolve("results.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return 0;
    }

    private static void print(
            PrintWriter out, String way, Map<Integer, Interval> recall, Map<Integer, Double> chances) {
        recall.forEach((k, interval) -> out.printf(
                "%s  recall@%-2d %-14s by chance %.1f%n",
                way, k, interval.percent(), 100 * Objects.requireNonNull(chances.get(k))));
    }

    private static Map<String, Object> results(KnowledgeBase base, String name, DualRecall recall) {
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("encoder", name);
        results.put("knowledge_base_sha256", base.hash());
        results.put("entities", recall.entities());
        results.put("pictures", recall.pictures());
        results.put("text_to_picture", recall.byText());
        results.put("picture_to_text", recall.byPicture());
        results.put("chance_text_to_picture", recall.chanceByText());
        results.put("chance_picture_to_text", recall.chanceByPicture());
        return results;
    }
}
