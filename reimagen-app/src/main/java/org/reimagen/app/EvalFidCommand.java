package org.reimagen.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.reimagen.eval.distance.Cmmd;
import org.reimagen.eval.distance.EmbedderFeatures;
import org.reimagen.eval.distance.FeatureNetwork;
import org.reimagen.eval.distance.FidMode;
import org.reimagen.eval.distance.FrechetDistance;
import org.reimagen.eval.distance.InceptionFeatures;
import org.reimagen.eval.distance.KernelDistance;
import org.reimagen.eval.distance.OutlineFeatures;
import org.reimagen.eval.distance.PictureSet;
import org.reimagen.eval.distance.Statistics;
import org.reimagen.eval.distance.StatisticsFile;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.Vectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code eval fid}: FID and KID between two sets of pictures. */
@Command(
        name = "fid",
        mixinStandardHelpOptions = true,
        description = "Frechet and kernel distance between two folders of pictures or files of statistics.")
final class EvalFidCommand implements Callable<Integer> {
    private static final long FULL_RANK = 2048;
    private static final long ENOUGH = 10_000;

    @CommandLine.Mixin
    private Terminal terminal = new Terminal();

    @Parameters(index = "0", paramLabel = "REAL", description = "folder of pictures, or .npz statistics")
    private Path real = Path.of("");

    @Parameters(index = "1", paramLabel = "GENERATED", description = "likewise")
    private Path generated = Path.of("");

    @Option(
            names = "--weights",
            defaultValue = "",
            description =
                    "FID Inception weights as safetensors; without them distances are taken in hog8-rgb8 features")
    private String weights = "";

    @Option(
            names = "--network",
            defaultValue = "",
            description = "folder of a dual encoder, such as models/emoji-clip: distances in its vectors, and CMMD")
    private String clip = "";

    @Option(names = "--mode", defaultValue = "clean", description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
    private FidMode mode = FidMode.CLEAN;

    @Option(names = "--save-real", defaultValue = "", description = ".npz to write the first set's statistics to")
    private String saveReal = "";

    @Option(names = "--save-generated", defaultValue = "", description = ".npz to write the second set's to")
    private String saveGenerated = "";

    @Option(names = "--seed", defaultValue = "0", description = "of the kernel distance's subsets (${DEFAULT-VALUE})")
    private long seed;

    @Override
    public Integer call() {
        PrintWriter out = terminal.out();
        PrintWriter err = terminal.err();
        if (!weights.isEmpty() && !clip.isEmpty()) {
            throw terminal.wrongUsage("give --weights or --network, not both");
        }
        try (TextEncoder encoder = OnnxTextEncoder.builtIn();
                FeatureNetwork network = network(encoder)) {
            PictureSet sets = new PictureSet(network, err::println);
            Statistics one = sets.statistics(real);
            Statistics two = sets.statistics(generated);
            save(saveReal, one, network);
            save(saveGenerated, two, network);
            out.println("network: " + network.description());
            out.printf("N: %s real, %s generated%n", count(one), count(two));
            out.printf("%s: %.6f%n", network.frechetName(), FrechetDistance.of(one, two));
            kernel(out, network, one, two);
            if (!clip.isEmpty()) {
                cmmd(out, one, two);
            }
            warn(err, Math.min(one.n(), two.n()), one.dim());
        }
        return 0;
    }

    private FeatureNetwork network(TextEncoder encoder) {
        if (!clip.isEmpty()) {
            return new EmbedderFeatures(Vectors.dual(Path.of(clip), encoder));
        }
        return weights.isEmpty() ? new OutlineFeatures() : InceptionFeatures.load(Path.of(weights), mode);
    }

    private static void cmmd(PrintWriter out, Statistics one, Statistics two) {
        if (one.features().isEmpty() || two.features().isEmpty()) {
            out.println("cmmd: not measured, a file of statistics holds no features");
        } else {
            out.printf("cmmd: %.6f%n", Cmmd.of(one, two));
        }
    }

    private static void save(String file, Statistics statistics, FeatureNetwork network) {
        if (!file.isEmpty()) {
            StatisticsFile.write(Path.of(file), statistics, network.description());
        }
    }

    private static String count(Statistics statistics) {
        return statistics.n() == 0 ? "unknown" : String.valueOf(statistics.n());
    }

    private void kernel(PrintWriter out, FeatureNetwork network, Statistics one, Statistics two) {
        if (one.features().isEmpty() || two.features().isEmpty()) {
            out.println(network.kernelName() + ": not measured, a file of statistics holds no features");
            return;
        }
        KernelDistance kernel = KernelDistance.of(one, two, seed);
        out.printf("%s_mean: %.8f%n", network.kernelName(), kernel.mean());
        out.printf(
                "%s_std: %.8f (%d subsets of %d, seed %d)%n",
                network.kernelName(), kernel.deviation(), kernel.subsets(), kernel.size(), seed);
    }

    private static void warn(PrintWriter err, long n, int dim) {
        if (n > 0 && n <= dim) {
            err.printf(
                    "warning: %d samples for %d channels: the covariance is singular, the Frechet distance far too large;"
                            + " compare it only with figures of the same N%n",
                    n, dim);
        } else if (n > 0 && n < ENOUGH && dim == FULL_RANK) {
            err.printf(
                    "warning: %d samples are fewer than %d: the Frechet distance is biased upwards; compare it only with"
                            + " figures of the same N%n",
                    n, ENOUGH);
        }
    }
}
