package org.reimagen.app;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.pipeline.ContactSheet;
import org.reimagen.pipeline.Finish;
import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.pipeline.GenerationRequest.GuidanceWeights;
import org.reimagen.pipeline.GenerationRequest.Upscaling;
import org.reimagen.pipeline.GenerationResult;
import org.reimagen.pipeline.PngWriter;
import org.reimagen.pipeline.ReImagen;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code generate}: a prompt in, a picture out, with the neighbours it was drawn from. */
@Command(name = "generate", mixinStandardHelpOptions = true, description = "Draws a picture of what the prompt names.")
final class GenerateCommand implements Callable<Integer> {
    private static final int CELL = 192;

    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @Parameters(paramLabel = "PROMPT", description = "such as \"flamingo, noto style, on a blue background\"")
    private String prompt = "";

    @Option(
            names = "--negative-prompt",
            description = "what to move away from; acts in the steps that favour the text (--guidance-ratio)")
    private String negativePrompt = "";

    @CommandLine.Mixin
    private KbFlag kb = new KbFlag();

    @CommandLine.Mixin
    private ModelFlag model = new ModelFlag();

    @Option(
            names = {"--out", "-o"},
            defaultValue = "out.png",
            description = "picture to write (${DEFAULT-VALUE})")
    private String out = "out.png";

    @Option(names = "--knn", defaultValue = "4", description = "neighbours to use, 0 to 16 (${DEFAULT-VALUE})")
    private int knn;

    @CommandLine.Mixin
    private StepsFlag steps = new StepsFlag();

    @Option(
            names = "--strength",
            defaultValue = "1",
            description =
                    "share of the noise to start with, above 0 to 1; below 1 a drawing starts from a reference (${DEFAULT-VALUE})")
    private double strength;

    @Option(
            names = "--candidates",
            defaultValue = "0",
            description = "layouts to begin, of which the one nearest to what the references share goes on, 1 to 32 "
                    + "(default: 8 where the model has a layout network, else 1)")
    private int candidates;

    @Option(
            names = "--smoothing",
            description =
                    "nearly flat areas are made flat, edges stay: the weight of L0 smoothing, 0 to 0.1; 0 leaves them as drawn "
                            + "(${DEFAULT-VALUE})")
    private double smoothing = Finish.DEFAULT.smoothing();

    @Option(
            names = "--background-tolerance",
            description = "a plain background is made one colour where it differs from its border by no more, 0 to 0.5 "
                    + "of the range of a colour; 0 leaves it as drawn (${DEFAULT-VALUE})")
    private double backgroundTolerance = Finish.DEFAULT.backgroundTolerance();

    @Option(names = "--guidance-scale", description = "weight of the text, 1 is neutral")
    private double guidanceScale = GuidanceWeights.DEFAULT.text();

    @Option(names = "--neighbor-guidance-scale", description = "weight of the neighbours, 1 is neutral")
    private double neighborScale = GuidanceWeights.DEFAULT.neighbor();

    @Option(names = "--guidance-ratio", description = "share of the steps that favour the text, 0 to 1")
    private double ratio = GuidanceWeights.DEFAULT.ratio();

    @Option(names = "--guidance-from", description = "smallest noise level t that is guided, 0 to 1 (${DEFAULT-VALUE})")
    private double guidanceFrom = GuidanceWeights.DEFAULT.from();

    @Option(
            names = "--guidance-rescale",
            description =
                    "how much of the glare that the weights give to colours is taken back, 0 to 1 (${DEFAULT-VALUE})")
    private double guidanceRescale = GuidanceWeights.DEFAULT.rescale();

    @Option(names = "--seed", defaultValue = "0", description = "seed of the first picture (${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--num-images-per-prompt", defaultValue = "1", description = "pictures to draw (${DEFAULT-VALUE})")
    private int images;

    @CommandLine.Mixin
    private FilterFlags filters = new FilterFlags();

    @Option(
            names = "--resolution",
            defaultValue = "0",
            description = "64, 256 or 1024 (default: the last stage that the model has)")
    private int resolution;

    @CommandLine.Mixin
    private LaterStageFlags later = new LaterStageFlags();

    @Option(names = "--same-style", description = "allow neighbours of the very style that the prompt names")
    private boolean sameStyle;

    @CommandLine.Mixin
    private RetrieverFlags retrieval = new RetrieverFlags();

    @CommandLine.Mixin
    private PictureFlag image = new PictureFlag();

    @Option(names = "--no-metadata", description = "write no text chunks into the PNG")
    private boolean noMetadata;

    @CommandLine.Mixin
    private TextEncoderFlag textEncoder = new TextEncoderFlag();

    @Override
    public Integer call() {
        PrintWriter console = terminal.out();
        GenerationRequest request = GenerationRequest.of(prompt)
                .withNegativePrompt(negativePrompt)
                .withNeighbors(knn)
                .withSteps(steps.steps())
                .withStrength(strength)
                .withCandidates(candidates)
                .withFinish(new Finish(smoothing, backgroundTolerance))
                .withGuidance(new GuidanceWeights(guidanceScale, neighborScale, ratio, guidanceFrom, guidanceRescale))
                .withSeed(seed)
                .withImages(images)
                .withSameStyle(sameStyle)
                .withUpscaling(new Upscaling(resolution, later.options()))
                .withFilters(filters.filters());
        Path folder = model.folder();
        try (KnowledgeBase base = kb.open();
                ReImagen reimagen = ReImagen.open(folder, base, () -> textEncoder.openFor(folder))) {
            chooseRetriever(reimagen);
            GenerationResult result = reimagen.generate(request);
            report(console, result);
            if (resolution > reimagen.resolution()) {
                console.printf(
                        "the model has no trained stage for %d x %d; stopped at %d x %d%n",
                        resolution, resolution, reimagen.resolution(), reimagen.resolution());
            }
            write(console, base, result);
        }
        return 0;
    }

    private void chooseRetriever(ReImagen reimagen) {
        retrieval.use(reimagen, image.given());
        BufferedImage picture = image.read();
        if (picture != null) {
            reimagen.wrap(inner -> query -> inner.retrieve(query.withPicture(picture)));
        }
    }

    private static void report(PrintWriter console, GenerationResult result) {
        if (result.retrieved().isEmpty()) {
            console.println("nothing found in the knowledge base; drawn from the text alone");
            return;
        }
        console.println("drawn from " + result.retrieved().size() + " neighbours:");
        result.retrieved().forEach(n -> {
            Pair pair = n.pair();
            console.printf("  %d  %-32s %-14s %s%n", n.rank(), pair.id(), pair.licence(), pair.author());
        });
    }

    private void write(PrintWriter console, KnowledgeBase base, GenerationResult result) {
        for (int i = 0; i < result.images().size(); i++) {
            Path file = numbered(i);
            PngWriter.write(file, result.images().get(i), noMetadata ? Map.of() : result.metadata(i));
            console.printf(
                    "wrote %s (%d x %d, seed %d, copy score %.2f)%n",
                    file,
                    result.images().get(i).getWidth(),
                    result.images().get(i).getHeight(),
                    result.seeds().get(i),
                    result.copyScores().get(i));
        }
        Path sheet = sibling(".neighbors");
        PngWriter.write(sheet, sheet(base, result), Map.of());
        console.printf(
                "wrote %s; milliseconds to retrieve %d, encode %d, draw 64 %d, 256 %d, 1024 %d%n",
                sheet,
                result.millis().getOrDefault("retrieve", 0L),
                result.millis().getOrDefault("encode", 0L),
                result.millis().getOrDefault("sample", 0L),
                result.millis().getOrDefault("sr256", 0L),
                result.millis().getOrDefault("sr1024", 0L));
    }

    private Path numbered(int i) {
        return images == 1 ? Path.of(out) : sibling("-" + i);
    }

    private Path sibling(String suffix) {
        String stem = out.endsWith(".png") ? out.substring(0, out.length() - 4) : out;
        return Path.of(stem + suffix + ".png");
    }

    private static BufferedImage sheet(KnowledgeBase base, GenerationResult result) {
        List<ContactSheet.Cell> cells = new ArrayList<>();
        cells.add(new ContactSheet.Cell(
                result.images().getFirst(), result.request().prompt(), "drawn"));
        for (Pair pair : result.neighbors()) {
            BufferedImage picture = Pictures.on(Color.WHITE, base.picture(pair, CELL));
            cells.add(new ContactSheet.Cell(
                    picture, joined(pair.title(), pair.style()), joined(pair.licence(), pair.author())));
        }
        return ContactSheet.draw(cells, CELL, 5);
    }

    private static String joined(String first, String second) {
        return second.isEmpty() ? first : first + ", " + second;
    }
}
