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
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user's own folder: create, search, list, verify, remove, and the return that is blocked. */
class KnowledgeBaseCommandsTest {
    @TempDir
    Path folder = Path.of("");

    private String run(int expected, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
        assertThat(code).as(out + "" + err).isEqualTo(expected);
        return out + err.toString();
    }

    private void picture(String name, Color color) throws IOException {
        BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(color);
        graphics.fillOval(5, 5, 20, 20);
        graphics.dispose();
        Path source = Files.createDirectories(folder.resolve("source"));
        ImageIO.write(image, "png", source.resolve(name + ".png").toFile());
    }

    @Test
    void aFolderOfPicturesBecomesABase() throws IOException {
        picture("red-ball", Color.RED);
        picture("green-ball", Color.GREEN);
        Files.writeString(folder.resolve("source/green-ball.txt"), "A green ball on a lawn.\nUne balle verte.\n");
        Files.writeString(folder.resolve("source/torn.png"), "no picture");
        String kb = folder.resolve("kb").toString();
        String source = folder.resolve("source").toString();
        assertThat(run(0, "kb", "create", kb, "--from", source, "--licence", "CC0-1.0"))
                .contains("added 2 pairs")
                .contains("left out torn.png");
        assertThat(run(0, "kb", "search", "lawn", "--kb", kb))
                .contains("green-ball.png")
                .contains("CC0-1.0");
        assertThat(run(0, "kb", "stats", "--kb", kb)).contains("2 pairs");
        assertThat(run(0, "kb", "verify", "--kb", kb)).contains("all is well");
        String sha256 = run(0, "kb", "list", "--kb", kb)
                .lines()
                .filter(l -> l.contains("green-ball"))
                .findFirst()
                .orElseThrow()
                .substring(0, 64);
        assertThat(run(0, "kb", "remove", kb, "--sha256", sha256)).contains("removed 1");
        assertThat(run(1, "kb", "search", "lawn", "--kb", kb)).contains("nothing found");
        assertThat(run(0, "kb", "add", kb, "--from", source))
                .contains("added 1 pairs")
                .contains("blocked");
        assertThat(run(0, "kb", "stats", "--kb", kb)).contains("1 pairs");
    }
}
