package org.reimagen.eval.distance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.SafeTensors;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.draw.PillowBicubic;

/** Against pytorch-fid, Pillow, scipy and numpy (golden/fid_fixtures.py). */
class GoldenDistanceTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    private final SafeTensors golden = SafeTensors.open(GOLDEN.resolve("fid.safetensors"));
    private final SafeTensors resize = SafeTensors.open(GOLDEN.resolve("resize.safetensors"));

    @TempDir
    Path folder = Path.of("");

    /** The integer hash that both sides fill weights and pictures with: numbers in [-0.5, 0.5). */
    private static double fill(long index, int salt) {
        long x = index * 2654435761L + salt * 40503L & 0xFFFFFFFFL;
        x = (x ^ x >>> 15) * 2246822519L & 0xFFFFFFFFL;
        x = (x ^ x >>> 13) * 3266489917L & 0xFFFFFFFFL;
        x ^= x >>> 16;
        return x / 4294967296.0 - 0.5;
    }

    private static float[] values(String name, long[] shape, int salt) {
        long fanIn = shape.length == 4 ? shape[1] * shape[2] * shape[3] : 1;
        double factor = name.endsWith("conv.weight") ? Math.sqrt(24.0 / fanIn) : 1;
        float[] values = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b))];
        for (int i = 0; i < values.length; i++) {
            double x = fill(i, salt);
            if (name.endsWith("bn.weight") || name.endsWith("running_var")) {
                values[i] = (float) (1 + 0.5 * x);
            } else {
                values[i] = (float) (x * (name.endsWith("conv.weight") ? factor : 0.4));
            }
        }
        return values;
    }

    private static Map<String, Tensor> seed(FidInception network) {
        TreeMap<String, Tensor> parameters = new TreeMap<>(Weights.named(network));
        int salt = 0;
        for (var parameter : parameters.entrySet()) {
            long[] shape = parameter.getValue().shape();
            parameter.getValue().detach().copy_(Ops.floats(values(parameter.getKey(), shape, salt++), shape));
        }
        return parameters;
    }

    @Test
    void aFolderOfPicturesIsMeasuredWithWeightsFromAFile() throws IOException {
        Path weights = folder.resolve("inception.safetensors");
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            SafeTensors.write(weights, Map.of(), seed(new FidInception()));
        }
        Path pictures = Files.createDirectory(folder.resolve("pictures"));
        for (int i = 0; i < 3; i++) {
            BufferedImage image = new BufferedImage(40 + i, 30, BufferedImage.TYPE_INT_RGB);
            image.setRGB(5 * i, 7, 0xFF8000);
            ImageIO.write(image, "png", pictures.resolve(i + ".png").toFile());
        }
        for (FidMode mode : FidMode.values()) {
            try (InceptionFeatures network = InceptionFeatures.load(weights, mode)) {
                assertThat(network.description()).contains(mode.label(), "inception.safetensors");
                PictureSet sets = new PictureSet(network, line -> {});
                Statistics seen = sets.statistics(pictures);
                assertThat(seen.n()).isEqualTo(3);
                assertThat(seen.dim()).isEqualTo(2048);
                assertThat(seen.features().getFirst())
                        .isNotEqualTo(seen.features().getLast());
                assertThat(FrechetDistance.of(seen, seen)).isCloseTo(0, within(1e-3));
                assertThatThrownBy(() -> sets.statistics(folder.resolve("nowhere")))
                        .hasMessageContaining("nowhere");
            }
        }
    }

    @Test
    void inceptionAgreesWithPytorchFid() {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            torch.set_num_threads(1);
            FidInception network = new FidInception();
            Map<String, Tensor> parameters = seed(network);
            assertThat(parameters).hasSize(94 * 5);
            float[] pixels = new float[2 * 3 * 139 * 107];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (float) Math.floor((fill(i, 9001) + 0.5) * 256) / 127.5f - 1;
            }
            float[] got = Ops.toFloats(network.forward(Ops.floats(pixels, 2, 3, 139, 107)));
            float[] expected = Ops.toFloats(golden.tensor("inception/features"));
            assertThat(got).hasSize(2 * FidInception.DIM);
            for (int i = 0; i < got.length; i++) {
                assertThat((double) got[i]).as("feature %d", i).isCloseTo(expected[i], within(2e-4));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"down", "up", "far", "same"})
    void bicubicGivesPillowsBytesAndFloats(String name) {
        try (var _ = new PointerScope()) {
            Tensor in = resize.tensor(name + "/in");
            int height = (int) in.size(1);
            int width = (int) in.size(2);
            float[] bytes = Ops.toFloats(resize.tensor(name + "/bytes"));
            float[] floats = Ops.toFloats(resize.tensor(name + "/floats"));
            float[] bilinear = Ops.toFloats(resize.tensor(name + "/bilinear"));
            int size = (int) resize.tensor(name + "/bytes").size(1);
            PillowBicubic bicubic = new PillowBicubic(width, height, size);
            float[] pixels = Ops.toFloats(in);
            for (int c = 0; c < 3; c++) {
                float[] channel = Arrays.copyOfRange(pixels, c * width * height, (c + 1) * width * height);
                assertThat(bicubic.resize(channel))
                        .containsExactly(Arrays.copyOfRange(floats, c * size * size, (c + 1) * size * size));
                int[] whole = new int[channel.length];
                Arrays.setAll(whole, i -> (int) channel[i]);
                float[] resized = new float[size * size];
                int[] got = bicubic.resize(whole);
                for (int i = 0; i < got.length; i++) {
                    resized[i] = got[i];
                }
                assertThat(resized).containsExactly(Arrays.copyOfRange(bytes, c * size * size, (c + 1) * size * size));
            }
            assertThat(Ops.toFloats(FidMode.bilinear(Ops.floats(pixels, 1, 3, height, width), size)))
                    .containsExactly(bilinear, within(1e-3f));
        }
    }

    private Statistics statistics(String name) {
        Tensor tensor = golden.tensor(name);
        int d = (int) tensor.size(1);
        float[] all = Ops.toFloats(tensor);
        List<float[]> rows = new ArrayList<>();
        for (int i = 0; i < tensor.size(0); i++) {
            rows.add(Arrays.copyOfRange(all, i * d, (i + 1) * d));
        }
        return Statistics.of(rows);
    }

    @ParameterizedTest
    @ValueSource(strings = {"full", "few"})
    void distancesAgreeWithScipyAndNumpy(String name) throws IOException {
        JsonNode expected = new ObjectMapper()
                .readTree(GOLDEN.resolve("distances.json").toFile())
                .path(name);
        Statistics x = statistics(name + "/x");
        Statistics y = statistics(name + "/y");
        // where there are fewer samples than channels, scipy's own root is only good to some digits
        double tolerance = name.equals("few") ? 1e-4 : 1e-9;
        assertThat(FrechetDistance.of(x, y)).isCloseTo(expected.path("frechet").asDouble(), within(tolerance));
        assertThat(FrechetDistance.of(y, x)).isCloseTo(FrechetDistance.of(x, y), within(1e-6));
        KernelDistance kernel = KernelDistance.of(x, y, 0);
        assertThat(kernel.mean()).isCloseTo(expected.path("kernel").asDouble(), within(1e-10));
        assertThat(kernel.subsets()).isEqualTo(1);
    }

    @Test
    void aSetIsNoDistanceFromItselfEvenWhereTheCovarianceIsSingular() {
        for (String name : List.of("full/x", "few/x")) {
            assertThat(FrechetDistance.of(statistics(name), statistics(name))).isCloseTo(0, within(1e-5));
        }
    }

    @Test
    void manySamplesAreComparedInSubsetsBySeed() {
        List<float[]> xs = new ArrayList<>();
        List<float[]> ys = new ArrayList<>();
        for (int i = 0; i < 1200; i++) {
            xs.add(new float[] {(float) fill(i, 1), (float) fill(i, 2)});
            ys.add(new float[] {(float) fill(i, 3), (float) fill(i, 4)});
        }
        KernelDistance kernel = KernelDistance.of(Statistics.of(xs), Statistics.of(ys), 5);
        assertThat(kernel.subsets()).isEqualTo(100);
        assertThat(kernel.size()).isEqualTo(1000);
        assertThat(kernel.mean()).isCloseTo(0, within(0.01));
        assertThat(KernelDistance.of(Statistics.of(xs), Statistics.of(ys), 5)).isEqualTo(kernel);
    }

    @Test
    void numpysFileIsReadAndOursReadAgain() throws IOException {
        Statistics x = statistics("full/x");
        Statistics theirs = StatisticsFile.read(GOLDEN.resolve("statistics.npz"), "any");
        assertThat(theirs.n()).isZero();
        assertThat(theirs.mean()).containsExactly(x.mean(), within(1e-12));
        assertThat(theirs.covariance()).containsExactly(x.covariance(), within(1e-12));
        assertThatThrownBy(() -> KernelDistance.of(theirs, x, 0)).hasMessageContaining("features");
        Path file = folder.resolve("ours.npz");
        StatisticsFile.write(file, x, "a network");
        Statistics ours = StatisticsFile.read(file, "a network");
        assertThat(ours.n()).isEqualTo(60);
        assertThat(ours.mean()).containsExactly(x.mean());
        assertThat(ours.covariance()).containsExactly(x.covariance());
        assertThat(ours.features()).hasSize(60);
        assertThat(ours.features().getLast()).containsExactly(x.features().getLast());
        assertThatThrownBy(() -> StatisticsFile.read(file, "another")).hasMessageContaining("was made by a network");
        byte[] bytes = Files.readAllBytes(file);
        StatisticsFile.write(file, x, "a network");
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    }

    @Test
    void damagedFilesAreNamed() throws IOException {
        Path file = folder.resolve("broken.npz");
        byte[] whole = Files.readAllBytes(GOLDEN.resolve("statistics.npz"));
        for (int length : new int[] {0, 10, 100, whole.length / 2}) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> StatisticsFile.read(file, "a network"))
                    .isInstanceOf(ReImagenException.class)
                    .hasMessageContaining("broken.npz");
        }
        assertThatThrownBy(() -> StatisticsFile.read(folder.resolve("none.npz"), "any"))
                .hasMessageContaining("no such file");
        assertThatThrownBy(() -> Npy.read("a", Npy.doubles(new double[] {1, 2}, 3)))
                .isInstanceOf(ReImagenException.class);
        assertThat(Npy.read("a", Npy.doubles(new double[] {1, 2, 3, 4, 5, 6}, 2, 3))
                        .shape())
                .containsExactly(2, 3);
    }
}
