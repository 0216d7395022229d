package org.reimagen.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.checkpoint.AtomicFile;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.eval.distance.FeatureNetwork;
import org.reimagen.eval.distance.FidMode;
import org.reimagen.eval.distance.InceptionFeatures;
import org.reimagen.eval.distance.OutlineFeatures;
import org.reimagen.eval.protocol.CaptionProtocol;
import org.reimagen.eval.protocol.ProtocolSettings;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.ingest.CaptionedPicture;
import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.pipeline.GenerationRequest.GuidanceWeights;
import org.reimagen.pipeline.GenerationRequest.Upscaling;
import org.reimagen.pipeline.ReImagen;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What {@code eval coco} and {@code eval wikiimages} share: how captions are drawn and compared. */
final class EvalCaptionsCommand {
    private static final int LONGEST = 2000;

    @CommandLine.Mixin
    private KbFlag kb = new KbFlag();

    @CommandLine.Mixin
    private ModelFlag model = new ModelFlag();

    @Option(names = "--prompts", defaultValue = "5000", description = "N, captions to draw (${DEFAULT-VALUE})")
    private int prompts;

    @Option(names = "--guidance-scale", split = ",", defaultValue = "2", description = "weights to sweep")
    private List<Double> guidance = List.of();

    @Option(
            names = "--knn",
            defaultValue = "2",
            description = "neighbours (${DEFAULT-VALUE}); 0 draws without retrieval")
    private int knn;

    @CommandLine.Mixin
    private StepsFlag steps = new StepsFlag();

    @Option(names = "--resolution", defaultValue = "0", description = "last stage: 64, 256, 1024 (default: all)")
    private int resolution;

    @Option(names = "--weights", defaultValue = "", description = "FID Inception weights; see eval fid")
    private String weights = "";

    @Option(names = "--mode", defaultValue = "clean", description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
    private FidMode mode = FidMode.CLEAN;

    @Option(names = "--seed", defaultValue = "0")
    private long seed;

    @Option(names = "--output-dir", description = "drawings and results.json (default: out/<data set>)")
    private @Nullable Path folder;

    /** Draws and measures a data set, and writes {@code results.json}. */
    int run(String name, List<CaptionedPicture> pictures, PrintWriter out, PrintWriter err) {
        Path into = folder == null ? Path.of("out", name) : folder;
        ProtocolSettings settings = new ProtocolSettings(prompts, seed, guidance);
        ModelFolder modelFolder = new ModelFolder(model.folder());
        try (KnowledgeBase base = kb.open();
                ReImagen reimagen = ReImagen.open(modelFolder.folder(), base);
                FeatureNetwork network =
                        weights.isEmpty() ? new OutlineFeatures() : InceptionFeatures.load(Path.of(weights), mode)) {
            List<CaptionProtocol.Result> results = new CaptionProtocol(network, into, err::println)
                    .run(
                            pictures,
                            settings,
                            (prompt, weight, noise) -> reimagen.generate(
                                            request(prompt, weight).withSeed(noise))
                                    .images()
                                    .getFirst());
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("data_set", name);
            all.put("model_sha256", modelFolder.modelHash());
            all.put("knowledge_base_sha256", base.hash());
            all.put("network", network.description());
            all.put("knn", knn);
            all.put("seed", seed);
            all.put("rows", results.stream().map(r -> r.toMap(network)).toList());
            byte[] json = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(all);
            AtomicFile.write(into.resolve("results.json"), to -> to.write(json));
            out.println("network: " + network.description());
            results.forEach(r -> out.println(r.toMap(network)));
            out.println("wrote " + into.resolve("results.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return 0;
    }

    private GenerationRequest request(String caption, double weight) {
        GuidanceWeights standard = GuidanceWeights.DEFAULT;
        return GenerationRequest.of(caption.substring(0, Math.min(caption.length(), LONGEST)))
                .withNeighbors(knn)
                .withSteps(steps.steps())
                .withUpscaling(new Upscaling(resolution, Upscaling.DEFAULT.options()))
                .withGuidance(new GuidanceWeights(
                        weight, standard.neighbor(), standard.ratio(), standard.from(), standard.rescale()));
    }
}
