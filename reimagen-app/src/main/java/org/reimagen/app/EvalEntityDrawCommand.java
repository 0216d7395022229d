package org.reimagen.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.AtomicFile;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.eval.entitydraw.EntityDraw;
import org.reimagen.eval.entitydraw.Prompt;
import org.reimagen.eval.entitydraw.PromptSet;
import org.reimagen.eval.entitydraw.Recognition;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.pipeline.GenerationRequest.Upscaling;
import org.reimagen.pipeline.PngWriter;
import org.reimagen.pipeline.ReImagen;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code eval entitydraw}: four pictures of each entity of a prompt set, and how often they are recognised. */
@Command(
        name = "entitydraw",
        mixinStandardHelpOptions = true,
        description = "Draws each entity of a prompt set four times and counts which are recognised.")
final class EvalEntityDrawCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Option(names = "--set", defaultValue = "emoji", description = "emoji, photographic or a file (${DEFAULT-VALUE})")
    private String set = "emoji";

    @Option(names = "--prompts", defaultValue = "0", description = "as many, chosen by seed (default: all)")
    private int prompts;

    @Option(names = "--kb", defaultValue = "")
    private String kb = "";

    @Option(names = "--model", defaultValue = "")
    private String model = "";

    @Option(names = "--knn", defaultValue = "4", description = "neighbours (${DEFAULT-VALUE})")
    private int knn;

    @Option(names = "--num-inference-steps", defaultValue = "20")
    private int steps;

    @Option(names = "--seed", defaultValue = "0")
    private long seed;

    @Option(names = "--output-dir", defaultValue = "out/entitydraw")
    private Path folder = Path.of("out/entitydraw");

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("not called by the command line");
        }
        List<Prompt> chosen =
                choose(Files.isRegularFile(Path.of(set)) ? PromptSet.read(Path.of(set)) : PromptSet.named(set));
        PrintWriter out = spec.commandLine().getOut();
        ModelFolder modelFolder = new ModelFolder(Defaults.orElse(model, Defaults.model()));
        try (KnowledgeBase base = KnowledgeBase.open(Defaults.orElse(kb, Defaults.knowledgeBase()));
                ReImagen reimagen = ReImagen.open(modelFolder.folder(), base)) {
            Recognition recognition = new Recognition(base);
            List<EntityDraw.Drawn> drawn =
                    draw(chosen, reimagen, recognition, spec.commandLine().getErr());
            if (drawn.isEmpty()) {
                throw new ReImagenException(base.folder() + ": pictures no entity of the prompt set " + set);
            }
            Map<String, Object> results = new LinkedHashMap<>();
            results.put("set", set);
            results.put("model_sha256", modelFolder.baseHash());
            results.put("knowledge_base_sha256", base.hash());
            results.put("knn", knn);
            results.put("seed", seed);
            results.put("entities", drawn.size());
            results.put("groups", EntityDraw.groups(drawn));
            byte[] json = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(results);
            AtomicFile.write(folder.resolve("results.json"), to -> to.write(json));
            EntityDraw.groups(drawn).forEach((name, figures) -> {
                out.println(name);
                figures.forEach((figure, interval) ->
                        out.printf("  %-22s %s %% (N = %d entities)%n", figure, interval.percent(), interval.n()));
            });
            out.println("wrote " + folder.resolve("results.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return 0;
    }

    private List<Prompt> choose(List<Prompt> all) {
        if (prompts <= 0) {
            return all;
        }
        List<Prompt> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, new Random(seed));
        return shuffled.subList(0, Math.min(prompts, shuffled.size()));
    }

    /** Draws what the base knows; drawings go to {@code folder/<category>/<entity>-<i>.png}. */
    private List<EntityDraw.Drawn> draw(
            List<Prompt> chosen, ReImagen reimagen, Recognition recognition, PrintWriter err) {
        List<EntityDraw.Drawn> drawn = new ArrayList<>();
        for (Prompt prompt : chosen) {
            if (!recognition.knows(prompt.entity())) {
                err.println("left out " + prompt.entity() + ": the knowledge base does not picture it");
                continue;
            }
            List<BufferedImage> pictures = reimagen.generate(GenerationRequest.of(prompt.entity())
                            .withNeighbors(knn)
                            .withSteps(steps)
                            .withSeed(seed)
                            .withImages(EntityDraw.PICTURES)
                            .withUpscaling(new Upscaling(reimagen.baseResolution(), Upscaling.DEFAULT.options())))
                    .images();
            String name = prompt.entity().replaceAll("[^A-Za-z0-9]+", "-");
            for (int i = 0; i < pictures.size(); i++) {
                PngWriter.write(
                        folder.resolve(prompt.category()).resolve(name + "-" + i + ".png"), pictures.get(i), Map.of());
            }
            drawn.add(EntityDraw.Drawn.of(prompt, pictures, recognition));
            err.println(drawn.size() + " of " + chosen.size() + ": " + prompt.entity());
        }
        return drawn;
    }
}
