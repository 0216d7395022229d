package org.reimagen.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.tensor.Precision;
import org.reimagen.eval.DraftQuality;
import org.reimagen.eval.Faithfulness;
import org.reimagen.eval.FaithfulnessListing;
import org.reimagen.eval.FaithfulnessReport;
import org.reimagen.eval.Frequency;
import org.reimagen.eval.LaterStages;
import org.reimagen.eval.Row;
import org.reimagen.eval.Setting;
import org.reimagen.eval.SuperResolutionQuality;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.encoder.CachingTextEncoder;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.knowledge.ingest.CaptionedPicture;
import org.reimagen.knowledge.ingest.CocoCaptions;
import org.reimagen.knowledge.ingest.WebQaImages;
import org.reimagen.pipeline.BaseStage;
import org.reimagen.pipeline.Finish;
import org.reimagen.pipeline.GenerationRequest.GuidanceWeights;
import org.reimagen.pipeline.PngWriter;
import org.reimagen.pipeline.Vectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code eval}: measures models. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        description = "Measures models.",
        subcommands = {
            EvalRetrievalCommand.class,
            EvalClipCommand.class,
            EvalFidCommand.class,
            EvalEntityDrawCommand.class,
            EvalRateCommand.class,
            EvalReportCommand.class
        })
final class EvalCommand implements Runnable {
    private static final int MAX_TARGETS = 4096;

    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @Override
    public void run() {
        throw terminal.wrongUsage("which command? See reimagen eval --help");
    }

    /** What is varied; every combination is measured. */
    static final class Sweep {
        @Option(names = "--knn", split = ",", defaultValue = "0,1,2,4,8", description = "${DEFAULT-VALUE}")
        private List<Integer> knn = List.of();

        @Option(names = "--guidance-scale", split = ",", description = "w_p (${DEFAULT-VALUE})")
        private List<Double> text = List.of(GuidanceWeights.DEFAULT.text());

        @Option(names = "--neighbor-guidance-scale", split = ",", description = "w_n (${DEFAULT-VALUE})")
        private List<Double> neighbor = List.of(GuidanceWeights.DEFAULT.neighbor());

        @Option(names = "--guidance-ratio", split = ",", description = "η (${DEFAULT-VALUE})")
        private List<Double> ratio = List.of(GuidanceWeights.DEFAULT.ratio());

        @Option(
                names = "--guidance-from",
                split = ",",
                description = "smallest time t that is guided (${DEFAULT-VALUE})")
        private List<Double> from = List.of(GuidanceWeights.DEFAULT.from());

        @Option(
                names = "--guidance-rescale",
                split = ",",
                description = "share of the glare of colours under guidance that is taken back (${DEFAULT-VALUE})")
        private List<Double> rescale = List.of(GuidanceWeights.DEFAULT.rescale());

        @Option(names = "--guidance-to", split = ",", defaultValue = "1", description = "largest time t that is guided")
        private List<Double> to = List.of();

        @Option(names = "--num-inference-steps", split = ",", defaultValue = "20")
        private List<Integer> steps = List.of();

        @Option(
                names = "--strength",
                split = ",",
                defaultValue = "1",
                description = "share of the noise to start with, below 1 from a reference (${DEFAULT-VALUE})")
        private List<Double> strength = List.of();

        @Option(
                names = "--candidates",
                split = ",",
                defaultValue = "8",
                description =
                        "layouts to begin, of which the one nearest to what the references share goes on (${DEFAULT-VALUE})")
        private List<Integer> candidates = List.of();

        @Option(
                names = "--smoothing",
                split = ",",
                description = "how hard nearly flat areas are made flat (${DEFAULT-VALUE})")
        private List<Double> smoothing = List.of(Finish.DEFAULT.smoothing());

        @Option(
                names = "--background-tolerance",
                split = ",",
                description =
                        "how far a plain background may differ from its border and is made one colour (${DEFAULT-VALUE})")
        private List<Double> tolerance = List.of(Finish.DEFAULT.backgroundTolerance());

        @Option(names = "--sampler", defaultValue = "dpm", description = "${COMPLETION-CANDIDATES}")
        private Setting.Solver solver = Setting.Solver.DPM;

        @Option(names = "--thresholding", defaultValue = "static", description = "${COMPLETION-CANDIDATES}")
        private Setting.Clip clip = Setting.Clip.STATIC;

        List<Setting> settings() {
            List<Setting> settings = new ArrayList<>();
            for (int k : knn) {
                for (double p : text) {
                    for (double n : neighbor) {
                        for (double r : ratio) {
                            for (double t : to) {
                                from.forEach(f -> spans(k, p, n, r, f, t, settings));
                            }
                        }
                    }
                }
            }
            return settings;
        }

        private List<Finish> finishes() {
            return smoothing.stream()
                    .flatMap(s -> tolerance.stream().map(b -> new Finish(s, b)))
                    .toList();
        }

        private void spans(int k, double p, double n, double r, double f, double t, List<Setting> settings) {
            for (double g : rescale) {
                for (double start : strength) {
                    for (int c : candidates) {
                        for (Finish finish : finishes()) {
                            steps.forEach(s ->
                                    settings.add(new Setting(k, p, n, r, f, t, g, s, start, c, finish, solver, clip)));
                        }
                    }
                }
            }
        }
    }

    @Command(
            name = "faithfulness",
            mixinStandardHelpOptions = true,
            description = "Draws pictures of a knowledge base by name and counts how many are the right thing.")
    int faithfulness(
            @CommandLine.Mixin Sweep sweep,
            @CommandLine.Mixin KbFlag kb,
            @CommandLine.Mixin ModelFlag model,
            @Option(names = "--targets", defaultValue = "256") int targets,
            @Option(
                            names = "--frequency",
                            defaultValue = "held-out",
                            description = "how often training sees the targets' entities: ${COMPLETION-CANDIDATES}")
                    Frequency frequency,
            @CommandLine.Mixin Later later,
            @CommandLine.Mixin ClipFlag clip,
            @Option(names = "--output-dir", defaultValue = "out/faithfulness") Path folder) {
        if (targets < 1 || targets > MAX_TARGETS) {
            throw terminal.wrongUsage("--targets must be 1 to %d, was %d".formatted(MAX_TARGETS, targets));
        }
        List<Setting> settings = sweep.settings();
        PrintWriter out = terminal.out();
        ModelFolder modelFolder = new ModelFolder(model.folder());
        try (KnowledgeBase base = kb.open();
                TextEncoder encoder = new CachingTextEncoder(OnnxTextEncoder.builtIn(), 10_000);
                Vectors vectors = clip.open(encoder);
                BaseStage stage = BaseStage.load(modelFolder, encoder)) {
            Faithfulness faithfulness = new Faithfulness(
                    base, frequency, targets, line -> terminal.err().println(line));
            List<Row> rows = new ArrayList<>(faithfulness.references());
            rows.forEach(row -> out.println(FaithfulnessReport.line(row)));
            Map<String, String> about = new LinkedHashMap<>();
            about.put("model", modelFolder.folder().toString());
            about.put("model_sha256", modelFolder.modelHash());
            about.put("knowledge_base_sha256", base.hash());
            about.put("frequency", frequency.toString());
            about.put("seed", "0 and up, one a target");
            about.put("precision", Precision.bfloat16IsFast() ? "bf16" : "fp32");
            about.put("knowledge base", String.valueOf(base.folder().getFileName()));
            FaithfulnessListing listing = new FaithfulnessListing(faithfulness, folder);
            for (Setting setting : settings) {
                List<Row> measured = measure(faithfulness, stage, modelFolder, later, encoder, setting);
                measured.forEach(row -> out.println(FaithfulnessReport.line(row)));
                rows.addAll(measured);
                measured.forEach(listing::add);
                FaithfulnessReport report = new FaithfulnessReport(faithfulness, rows, about);
                report.write(folder);
                PngWriter.write(folder.resolve("sheet.png"), report.sheet(measured.getLast()), Map.of());
            }
            out.println("wrote " + folder.resolve("index.html"));
            ClipMeasures.write(vectors.dual(), faithfulness, rows, folder, out);
        }
        return 0;
    }

    private static List<Row> measure(
            Faithfulness faithfulness,
            BaseStage stage,
            ModelFolder model,
            Later later,
            TextEncoder encoder,
            Setting setting) {
        if (later.resolution <= stage.resolution()) {
            return List.of(faithfulness.measure(stage, setting));
        }
        try (LaterStages stages = later.load(model, encoder)) {
            return faithfulness.measure(stage, stages, setting);
        }
    }

    /** How far the later stages go. */
    static final class Later {
        @Option(
                names = "--resolution",
                description = "last stage, 256 or 1024; faithfulness: 64 (default) measures the first stage alone")
        private int resolution = 64;

        @CommandLine.Mixin
        private LaterStageFlags later = new LaterStageFlags();

        @Option(
                names = "--sr-knn",
                defaultValue = "4",
                description =
                        "super-resolution of true pictures: most neighbours that a stage reads (${DEFAULT-VALUE})")
        private int knn;

        LaterStages load(ModelFolder model, TextEncoder encoder) {
            return LaterStages.load(model, resolution, later.options(), encoder);
        }
    }

    @Command(
            name = "super-resolution",
            mixinStandardHelpOptions = true,
            description =
                    "Enlarges true held-out pictures and compares them with the truth, beside bicubic and Lanczos.")
    int superResolution(
            @CommandLine.Mixin KbFlag kb,
            @CommandLine.Mixin ModelFlag model,
            @Option(names = "--targets", defaultValue = "256") int targets,
            @CommandLine.Mixin Later later,
            @Option(
                            names = "--drafts",
                            description = "enlarge what the first stage draws instead, and compare its sharpness")
                    boolean drafts,
            @CommandLine.Mixin Sweep sweep,
            @Option(names = "--sheet", defaultValue = "", description = "with --drafts, contact sheet to write")
                    String sheet) {
        if (targets < 1 || targets > MAX_TARGETS) {
            throw terminal.wrongUsage("--targets must be 1 to %d, was %d".formatted(MAX_TARGETS, targets));
        }
        ModelFolder folder = new ModelFolder(model.folder());
        later.resolution = later.resolution == 64 ? 1024 : later.resolution;
        try (TextEncoder encoder = new CachingTextEncoder(OnnxTextEncoder.builtIn(), 10_000);
                LaterStages stages = later.load(folder, encoder);
                KnowledgeBase base = kb.open()) {
            if (drafts) {
                drafts(base, folder, encoder, stages, sweep, targets, sheet);
            } else {
                truths(base, stages, targets, later.knn);
            }
        }
        return 0;
    }

    private void say(String line) {
        terminal.err().println(line);
    }

    private void truths(KnowledgeBase base, LaterStages stages, int targets, int knn) {
        new SuperResolutionQuality(base, targets, this::say)
                .measure(stages, knn)
                .forEach(s -> terminal.out()
                        .printf(
                                "%4d  %-8s PSNR %.2f dB  GMSD %.4f  sharpness %.2f of the truth's%n",
                                s.resolution(), s.method(), s.psnr(), s.gmsd(), s.sharpness()));
    }

    private void drafts(
            KnowledgeBase base,
            ModelFolder model,
            TextEncoder encoder,
            LaterStages stages,
            Sweep sweep,
            int targets,
            String sheet) {
        try (BaseStage first = BaseStage.load(model, encoder)) {
            DraftQuality quality = new DraftQuality(base, targets, this::say);
            for (Setting setting : sweep.settings()) {
                terminal.out().println(setting.title());
                quality.measure(first, stages, setting)
                        .forEach(s -> terminal.out()
                                .printf(
                                        "%4d  sharpness %.1f, truth %.1f; %.2f of the truth's, mean of %d targets%n",
                                        s.resolution(), s.drawn(), s.truth(), s.ratio(), s.targets()));
            }
            if (!sheet.isEmpty()) {
                PngWriter.write(Path.of(sheet), quality.sheet(), Map.of());
            }
        }
    }

    @Command(
            name = "coco",
            mixinStandardHelpOptions = true,
            description =
                    "Draws captions of COCO, zero-shot or with its train split as knowledge base, and takes FID and KID.")
    int coco(
            @CommandLine.Mixin EvalCaptionsCommand shared,
            @Option(names = "--captions", required = true, description = "captions_val2017.json") Path captions,
            @Option(names = "--images", required = true, description = "folder val2017") Path images) {
        List<CaptionedPicture> pictures = CocoCaptions.read(captions, images);
        return shared.run("coco", pictures, terminal.out(), terminal.err());
    }

    @Command(
            name = "wikiimages",
            mixinStandardHelpOptions = true,
            description = "Draws captions of WebQA's pictures, and takes FID and KID.")
    int wikiImages(
            @CommandLine.Mixin EvalCaptionsCommand shared,
            @Option(names = "--captions", required = true, description = "WebQA_train_val.json") Path captions,
            @Option(names = "--images", required = true, description = "imgs.tsv") Path images,
            @Option(names = "--split", defaultValue = "val", description = "train, val or test") String split) {
        List<CaptionedPicture> pictures = WebQaImages.read(captions, images, split);
        return shared.run("wikiimages", pictures, terminal.out(), terminal.err());
    }
}
