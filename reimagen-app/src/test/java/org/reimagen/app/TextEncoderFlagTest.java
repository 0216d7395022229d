package org.reimagen.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.UNet;
import org.reimagen.core.model.UNetConfig;

/** A model that reads an encoder of one's own, of 8 channels, from a folder. */
class TextEncoderFlagTest {
    private static final Path OWN = Path.of("../reimagen-knowledge/src/test/resources/golden/onnx_encoder");

    @TempDir
    Path folder = Path.of("");

    private String run(int expected, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
        assertThat(code).as(out + "" + err).isEqualTo(expected);
        return out + err.toString();
    }

    private String model(String encoder, int textDim) {
        Path model = folder.resolve(encoder + textDim);
        try (var _ = new PointerScope()) {
            UNetConfig config = UNetConfig.tiny().withTextDim(textDim);
            new ModelFolder(model)
                    .writeBase(new StageConfig(config, 32, encoder), Weights.named(new UNet(config)), Map.of());
        }
        return model.toString();
    }

    private String base() {
        return folder.resolve("kb").toString();
    }

    @BeforeEach
    void fill() throws IOException {
        Path source = Files.createDirectories(folder.resolve("source"));
        Files.writeString(
                source.resolve("red-ball.svg"),
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8' width='8' height='8'>"
                        + "<circle cx='4' cy='4' r='3' fill='#f00'/></svg>");
        run(0, "kb", "add", base(), "--from", source.toString(), "--licence", "CC0-1.0");
    }

    private String generate(int expected, String model, String... more) {
        List<String> args =
                new java.util.ArrayList<>(List.of("generate", "red ball", "--kb", base(), "--model", model));
        args.addAll(List.of(
                "--num-inference-steps",
                "2",
                "--out",
                folder.resolve("ball.png").toString()));
        args.addAll(List.of(more));
        return run(expected, args.toArray(String[]::new));
    }

    @Test
    void drawsWithTheEncoderOfTheFolder() {
        assertThat(generate(0, model("onnx_encoder", 8), "--text-encoder", OWN.toString()))
                .contains("drawn from 1 neighbours");
        assertThat(folder.resolve("ball.png")).isNotEmptyFile();
    }

    @Test
    void anotherEncoderOrWidthIsRefusedByTheFlag() {
        assertThat(generate(1, model("onnx_encoder", 8)))
                .contains("was trained with the text encoder onnx_encoder (8 channels), not bge-small-en-v1.5-q (384)")
                .contains("--text-encoder")
                .hasLineCount(1);
        assertThat(generate(1, model("onnx_encoder", 12), "--text-encoder", OWN.toString()))
                .contains("onnx_encoder (12 channels), not onnx_encoder (8)")
                .hasLineCount(1);
        assertThat(generate(1, model("onnx_encoder", 8), "--text-encoder", folder.toString()))
                .contains("model.onnx: no such file")
                .hasLineCount(1);
        assertThat(run(
                        1,
                        "finetune",
                        "--kb",
                        base(),
                        "--out",
                        folder.resolve("out").toString(),
                        "--model",
                        model("onnx_encoder", 8)))
                .contains("--text-encoder")
                .hasLineCount(1);
    }
}
