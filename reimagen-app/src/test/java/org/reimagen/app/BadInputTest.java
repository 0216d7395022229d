package org.reimagen.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is wrong gets one clear line that names it, and a non-zero exit. */
class BadInputTest {
    @TempDir
    Path folder = Path.of("");

    private record Outcome(int code, String out, String err) {}

    private static Outcome run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
        return new Outcome(code, out.toString(), err.toString());
    }

    private static void assertRefused(int code, String named, String... args) {
        Outcome outcome = run(args);
        assertThat(outcome.code()).as(String.join(" ", args)).isEqualTo(code);
        assertThat(outcome.err().strip().lines()).as(outcome.err()).hasSize(1);
        assertThat(outcome.err()).startsWith("error: ").contains(named).doesNotContain("Exception");
    }

    @Test
    void wrongUsage() {
        assertRefused(2, "--nonsense", "generate", "a fox", "--nonsense");
        assertRefused(2, "PROMPT", "generate");
        assertRefused(2, "--knn", "generate", "a fox", "--knn", "many");
        assertRefused(2, "which command", "kb");
        assertRefused(2, "sing", "sing");
        assertRefused(2, "--from", "kb", "create", "x");
        assertRefused(2, "--resolution", "dataset", "build", "x", "--resolution", "1");
        assertRefused(2, "--resolution", "dataset", "crops", "x", "--resolution", "128");
        assertRefused(2, "--targets", "eval", "faithfulness", "--targets", "0");
        assertRefused(2, "--thresholding", "eval", "faithfulness", "--thresholding", "none at all");
        assertRefused(2, "--frequency", "eval", "faithfulness", "--frequency", "often");
        assertRefused(2, "which command", "eval");
        assertRefused(2, "--per-frequency", "eval", "entitydraw", "--per-frequency", "-1");
        assertRefused(2, "FOLDER", "eval", "rate");
        assertRefused(2, "--port", "eval", "rate", "x", "--port", "70000");
        assertRefused(2, "--network", "eval", "fid", "a", "b", "--weights", "x", "--network", "y");
        assertRefused(2, "--out", "finetune", "--kb", "x");
        assertRefused(2, "--from or --kb", "finetune", "--out", "x");
        assertRefused(2, "--stages", "finetune", "--kb", "x", "--out", "y", "--stages", "sr512");
        assertRefused(2, "--max-train-steps", "finetune", "--kb", "x", "--out", "y", "--max-train-steps", "0");
    }

    @Test
    void valuesOutOfRange() {
        assertRefused(1, "knn", "generate", "a fox", "--knn", "17");
        assertRefused(1, "num_inference_steps", "generate", "a fox", "--num-inference-steps", "0");
        assertRefused(1, "guidance_ratio", "generate", "a fox", "--guidance-ratio", "2");
        assertRefused(1, "strength", "generate", "a fox", "--strength", "0");
        assertRefused(1, "candidates", "generate", "a fox", "--candidates", "33");
        assertRefused(2, "--from-time", "train", "layout", "--from-time", "0.99");
        assertRefused(1, "guidance_from", "generate", "a fox", "--guidance-from", "-0.1");
        assertRefused(1, "guidance_rescale", "generate", "a fox", "--guidance-rescale", "1.5");
        assertRefused(1, "smoothing", "generate", "a fox", "--smoothing", "-0.001");
        assertRefused(1, "background_tolerance", "generate", "a fox", "--background-tolerance", "0.6");
        assertRefused(1, "prompt", "generate", " ");
        assertRefused(1, "resolution", "generate", "a fox", "--resolution", "512");
        assertRefused(1, "sr_noise_level", "generate", "a fox", "--sr-noise-level", "0.9");
        assertRefused(1, "--host", "serve", "--host", "0.0.0.0");
        assertRefused(1, "--token", "serve", "--token", "short");
        assertRefused(1, "--queue", "serve", "--queue", "0");
        assertRefused(1, "--port", "serve", "--port", "70000");
        assertRefused(1, "guidance_ratio", "eval", "faithfulness", "--guidance-ratio", "0,2");
        assertRefused(1, "minutes", "finetune", "--kb", "x", "--out", "y", "--minutes", "0");
    }

    @Test
    void missingFiles() {
        String missing = folder.resolve("missing").toString();
        assertRefused(1, "missing", "generate", "a fox", "--kb", missing);
        assertRefused(1, "missing", "kb", "search", "fox", "--kb", missing);
        assertRefused(1, "missing", "kb", "create", folder.resolve("kb").toString(), "--from", missing);
        assertRefused(1, "missing", "inspect", missing);
        assertRefused(1, "missing", "serve", "--port", "0", "--kb", missing);
        assertRefused(1, "missing", "train", "base", "--dataset", missing);
        assertRefused(1, "missing", "train", "sr256", "--dataset", missing);
        assertRefused(1, "missing", "train", "clip", "--dataset", missing);
        assertRefused(1, "missing", "eval", "clip", "--kb", missing);
        assertRefused(1, "missing", "eval", "fid", "a", "b", "--network", missing);
        assertRefused(1, "missing", "eval", "super-resolution", "--model", missing);
        assertRefused(1, "missing", "eval", "faithfulness", "--kb", missing);
        assertRefused(1, "missing", "eval", "rate", missing);
        assertRefused(1, "missing", "eval", "report", missing);
        String out = folder.resolve("model").toString();
        assertRefused(1, "missing", "finetune", "--kb", missing, "--out", out);
        assertRefused(1, "missing", "finetune", "--from", missing, "--out", out);
    }

    @Test
    void aNetworkOfAnotherShape() {
        assertRefused(1, "blocks", "train", "base", "--blocks", "1,2");
        assertRefused(1, "blocks", "train", "base", "--blocks", "2,0,2");
        assertRefused(2, "--blocks must be [2, ", "train", "base", "--init", "../models/emoji", "--blocks", "9,9,9");
    }

    @Test
    void brokenFiles() throws IOException {
        Path png = Files.writeString(folder.resolve("broken.png"), "no picture");
        assertRefused(1, "broken.png", "inspect", png.toString());
        Path source = Files.createDirectory(folder.resolve("source"));
        Files.writeString(source.resolve("a.png"), "no picture");
        Outcome outcome = run("kb", "create", folder.resolve("kb").toString(), "--from", source.toString());
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).contains("left out a.png");
    }
}
