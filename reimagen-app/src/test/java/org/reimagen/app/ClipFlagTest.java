package org.reimagen.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.UNet;
import org.reimagen.core.model.UNetConfig;

/** {@code generate} and {@code serve} look up in a dual encoder's vectors what {@code kb search} finds there. */
class ClipFlagTest {
    private static final String CLIP = "../reimagen-knowledge/src/test/resources/golden/onnx_clip";
    private static final String OURS = "../models/emoji-clip";
    private static final String BUILT_IN = "bge-small-en-v1.5-q";

    @TempDir
    Path folder = Path.of("");

    private String run(int expected, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
        assertThat(code).as(out + "" + err).isEqualTo(expected);
        return out + err.toString();
    }

    private String at(String name) {
        return folder.resolve(name).toString();
    }

    @BeforeEach
    void fill() throws IOException {
        Path source = Files.createDirectories(folder.resolve("source"));
        Map<String, Color> colours = Map.of(
                "red-ball", Color.RED, "green-tree", Color.GREEN, "blue-car", Color.BLUE, "white-goose", Color.WHITE);
        for (Map.Entry<String, Color> each : colours.entrySet()) {
            BufferedImage image = new BufferedImage(48, 48, BufferedImage.TYPE_INT_RGB);
            Graphics2D graphics = image.createGraphics();
            graphics.setColor(each.getValue());
            graphics.fillOval(each.getKey().length(), 4, 24, 40);
            graphics.dispose();
            ImageIO.write(image, "png", source.resolve(each.getKey() + ".png").toFile());
        }
        run(0, "kb", "create", at("kb"), "--from", source.toString(), "--licence", "CC0-1.0");
        try (var _ = new PointerScope()) {
            UNetConfig config = UNetConfig.tiny().withTextDim(384);
            new ModelFolder(folder.resolve("model"))
                    .writeBase(new StageConfig(config, 32, BUILT_IN), Weights.named(new UNet(config)), Map.of());
        }
    }

    private String generate(int expected, String... more) {
        List<String> args = new ArrayList<>(List.of("generate", "goose", "--kb", at("kb"), "--model", at("model")));
        args.addAll(List.of("--num-inference-steps", "2", "--knn", "3", "--out", at("out.png")));
        args.addAll(List.of(more));
        return run(expected, args.toArray(String[]::new));
    }

    private String search(String... more) {
        List<String> args = new ArrayList<>(List.of("kb", "search", "goose", "--kb", at("kb"), "--knn", "3"));
        args.addAll(List.of(more));
        return run(0, args.toArray(String[]::new));
    }

    /** Ids in the order of their ranks. */
    private static List<String> ids(String said) {
        return said.lines()
                .filter(l -> l.matches("\\s+\\d+\\s.*\\.png.*"))
                .map(l -> l.replaceAll(".*?(\\S+\\.png).*", "$1"))
                .toList();
    }

    private void assertDrawsFromWhatSearchFinds(String... flags) {
        List<String> found = ids(search(flags));
        assertThat(found).as(String.join(" ", flags)).hasSize(3);
        assertThat(ids(generate(0, flags))).as(String.join(" ", flags)).isEqualTo(found);
    }

    @Test
    void generateDrawsFromWhatSearchFinds() {
        String picture = folder.resolve("source/blue-car.png").toString();
        run(0, "kb", "embed", "--kb", at("kb"), "--clip", CLIP);
        assertDrawsFromWhatSearchFinds("--clip", CLIP);
        assertDrawsFromWhatSearchFinds("--clip", CLIP, "--retriever", "rrf");
        assertDrawsFromWhatSearchFinds("--clip", CLIP, "--retriever", "weighted", "--image", picture);
        assertThat(ids(generate(0, "--clip", CLIP, "--image", picture)))
                .as("the picture itself is the nearest")
                .startsWith("blue-car.png");
    }

    @Test
    void soItDoesInTheVectorsOfOurOwnEncoder() {
        run(0, "kb", "embed", "--kb", at("kb"), "--clip", OURS);
        assertDrawsFromWhatSearchFinds("--clip", OURS, "--retriever", "dense");
    }

    @Test
    void aBaseThatWasNotEmbeddedWithItIsRefusedInOneLine() {
        run(0, "kb", "embed", "--kb", at("kb"));
        for (String clip : List.of(CLIP, OURS)) {
            assertThat(generate(1, "--clip", clip))
                    .contains("kb: 4 of 4 pairs have no vectors of ")
                    .contains("kb embed --clip")
                    .hasLineCount(1);
            assertThat(run(1, "serve", "--port", "0", "--kb", at("kb"), "--model", at("model"), "--clip", clip))
                    .contains("kb: 4 of 4 pairs have no vectors of ")
                    .hasLineCount(1);
        }
        assertThat(generate(1, "--clip", at("none"))).contains("none").hasLineCount(1);
    }

    @Test
    void wordsAloneAreRefusedBesideIt() {
        for (List<String> flags : List.of(List.of("--clip", CLIP), List.of("--image", at("source/red-ball.png")))) {
            List<String> args = new ArrayList<>(flags);
            args.addAll(List.of("--retriever", "bm25"));
            assertThat(generate(1, args.toArray(String[]::new)))
                    .contains("bm25 looks up words only")
                    .contains(flags.getFirst())
                    .hasLineCount(1);
        }
    }
}
