package org.reimagen.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.AtomicFile;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.tensor.Precision;
import org.reimagen.eval.Interval;
import org.reimagen.eval.entitydraw.Alignment;
import org.reimagen.eval.entitydraw.EntityDraw;
import org.reimagen.eval.entitydraw.EntityDrawRun;
import org.reimagen.eval.entitydraw.Prompt;
import org.reimagen.eval.entitydraw.PromptSet;
import org.reimagen.eval.listing.ListedPicture;
import org.reimagen.eval.listing.Listing;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.encoder.Embedder;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.pipeline.GenerationRequest.Upscaling;
import org.reimagen.pipeline.GenerationResult;
import org.reimagen.pipeline.ReImagen;
import org.reimagen.pipeline.Vectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code eval entitydraw}: four pictures of each entity of a prompt set, and how often they are recognised. */
@Command(
        name = "entitydraw",
        mixinStandardHelpOptions = true,
        description = "Draws each entity of a prompt set four times and counts which are recognised.")
final class EvalEntityDrawCommand implements Callable<Integer> {
    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @Option(names = "--set", defaultValue = "emoji", description = "emoji, photographic or a file (${DEFAULT-VALUE})")
    private String set = "emoji";

    @Option(names = "--prompts", defaultValue = "0", description = "as many, chosen by seed (default: all)")
    private int prompts;

    @Option(
            names = "--per-frequency",
            defaultValue = "0",
            description = "at most as many frequent, infrequent, held-out")
    private int perFrequency;

    @CommandLine.Mixin
    private KbFlag kb = new KbFlag();

    @CommandLine.Mixin
    private ModelFlag model = new ModelFlag();

    @Option(names = "--knn", defaultValue = "4", description = "neighbours (${DEFAULT-VALUE})")
    private int knn;

    @CommandLine.Mixin
    private StepsFlag steps = new StepsFlag();

    @Option(names = "--seed", defaultValue = "0")
    private long seed;

    @CommandLine.Mixin
    private ClipFlag clip = new ClipFlag();

    @Option(names = "--output-dir", defaultValue = "out/entitydraw")
    private Path folder = Path.of("out/entitydraw");

    @Override
    public Integer call() {
        if (prompts < 0 || perFrequency < 0) {
            throw terminal.wrongUsage("--prompts and --per-frequency must be 0 (all) or more");
        }
        List<Prompt> chosen =
                choose(Files.isRegularFile(Path.of(set)) ? PromptSet.read(Path.of(set)) : PromptSet.named(set));
        ModelFolder modelFolder = new ModelFolder(model.folder());
        try (KnowledgeBase base = kb.open();
                ReImagen reimagen = ReImagen.open(modelFolder.folder(), base)) {
            Map<String, String> settings = settings(modelFolder, base);
            PrintWriter err = terminal.err();
            EntityDrawRun run = new EntityDrawRun(folder, base, settings, err::println);
            List<EntityDraw.Drawn> drawn = run.draw(
                    chosen, "K = %d, %d steps".formatted(knn, steps.steps()), prompt -> draw(prompt, reimagen));
            if (drawn.isEmpty()) {
                throw new ReImagenException(base.folder() + ": pictures no entity of the prompt set " + set);
            }
            report(drawn, settings, base, terminal.out());
        }
        return 0;
    }

    private Map<String, String> settings(ModelFolder modelFolder, KnowledgeBase base) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("model_sha256", modelFolder.modelHash());
        settings.put("knowledge_base_sha256", base.hash());
        settings.put("knn", String.valueOf(knn));
        settings.put("num_inference_steps", String.valueOf(steps.steps()));
        settings.put("seed", String.valueOf(seed));
        settings.put("precision", Precision.bfloat16IsFast() ? "bf16" : "fp32");
        return settings;
    }

    private void report(
            List<EntityDraw.Drawn> drawn, Map<String, String> settings, KnowledgeBase base, PrintWriter out) {
        Map<String, Object> results = new LinkedHashMap<>(settings);
        results.put("set", set);
        results.put("entities", drawn.size());
        results.put("command", String.join(" ", command()));
        results.put("groups", EntityDraw.groups(drawn));
        Path dual = clip.folder();
        if (dual != null) {
            results.put("clip", align(drawn, base, dual, out));
        }
        try {
            byte[] json = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(results);
            AtomicFile.write(folder.resolve("results.json"), to -> to.write(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        EntityDraw.groups(drawn).forEach((name, figures) -> {
            out.println(name);
            figures.forEach((figure, interval) ->
                    out.printf("  %-22s %s %% (N = %d entities)%n", figure, interval.percent(), interval.n()));
        });
        out.println("wrote " + folder.resolve("results.json"));
    }

    /** The command that repeats this run; folders are left out, their hashes say what they held. */
    private List<String> command() {
        List<String> words = new ArrayList<>(List.of("./reimagen", "eval", "entitydraw"));
        words.addAll(List.of("--set", set, "--knn", String.valueOf(knn)));
        words.addAll(List.of("--num-inference-steps", String.valueOf(steps.steps()), "--seed", String.valueOf(seed)));
        if (prompts > 0) {
            words.addAll(List.of("--prompts", String.valueOf(prompts)));
        }
        if (perFrequency > 0) {
            words.addAll(List.of("--per-frequency", String.valueOf(perFrequency)));
        }
        return words;
    }

    /** CLIP-T and CLIP-I of the pictures as they were written. */
    private Map<String, Object> align(List<EntityDraw.Drawn> drawn, KnowledgeBase base, Path dual, PrintWriter out) {
        try (TextEncoder encoder = OnnxTextEncoder.builtIn();
                Embedder embedder = Vectors.dual(dual, encoder)) {
            Alignment.Meter meter = new Alignment.Meter(base, embedder);
            Map<String, List<BufferedImage>> pictures = Listing.read(folder).stream()
                    .collect(Collectors.groupingBy(
                            ListedPicture::entity,
                            Collectors.mapping(p -> PictureFile.read(folder.resolve(p.file())), Collectors.toList())));
            List<Alignment> all = drawn.stream()
                    .map(d -> d.prompt().entity())
                    .map(entity -> meter.of(entity, pictures.getOrDefault(entity, List.of())))
                    .toList();
            Interval clipT = Interval.ofMean(all.stream().map(Alignment::clipT).toList());
            Interval clipI = Interval.ofMean(all.stream().map(Alignment::clipI).toList());
            out.printf("clip_t %s, clip_i %s by %s%n", clipT.plain(), clipI.plain(), embedder.name());
            Map<String, Object> results = new LinkedHashMap<>();
            results.put("encoder", embedder.name());
            results.put("clip_t", clipT);
            results.put("clip_i", clipI);
            return results;
        }
    }

    private List<Prompt> choose(List<Prompt> all) {
        if (prompts <= 0 && perFrequency <= 0) {
            return all;
        }
        List<Prompt> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, new Random(seed));
        if (perFrequency > 0) {
            Map<String, Integer> taken = new HashMap<>();
            shuffled.removeIf(p -> taken.merge(p.frequency(), 1, Integer::sum) > perFrequency);
        }
        return prompts > 0 ? shuffled.subList(0, Math.min(prompts, shuffled.size())) : shuffled;
    }

    private GenerationResult draw(Prompt prompt, ReImagen reimagen) {
        return reimagen.generate(GenerationRequest.of(prompt.entity())
                .withNeighbors(knn)
                .withSteps(steps.steps())
                .withSeed(seed)
                .withImages(EntityDraw.PICTURES)
                .withUpscaling(new Upscaling(reimagen.baseResolution(), Upscaling.DEFAULT.options())));
    }
}
