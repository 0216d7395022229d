package org.reimagen.eval.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;
import org.reimagen.eval.distance.OutlineFeatures;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.NewPair;
import org.reimagen.knowledge.ingest.CaptionedPicture;
import org.reimagen.knowledge.ingest.CaptionedSource;
import org.reimagen.knowledge.ingest.CocoCaptions;
import org.reimagen.knowledge.ingest.Ingest;
import org.reimagen.knowledge.ingest.WebQaImages;

/** The published layouts, in small, from file to figure. */
class CaptionProtocolTest {
    @TempDir
    Path folder = Path.of("");

    private static BufferedImage disc(int number) {
        BufferedImage image = new BufferedImage(48, 40, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.getHSBColor(number / 7f, 1, 1));
        graphics.fillOval(number * 3, 5, 20, 20);
        graphics.dispose();
        return image;
    }

    private static byte[] png(int number) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(disc(number), "png", out);
        return out.toByteArray();
    }

    private List<CaptionedPicture> coco() throws IOException {
        Path images = Files.createDirectories(folder.resolve("val2017"));
        StringBuilder json = new StringBuilder("{\"info\":{},\"images\":[");
        for (int i = 1; i <= 4; i++) {
            Files.write(images.resolve("00000" + i + ".png"), png(i));
            json.append(i == 1 ? "" : ",")
                    .append("{\"id\":%d,\"file_name\":\"00000%d.png\",\"width\":48,\"height\":40}".formatted(i, i));
        }
        json.append("],\"annotations\":[{\"image_id\":9,\"id\":1,\"caption\":\"nothing\"}");
        for (int i = 3; i >= 1; i--) {
            json.append(",{\"image_id\":%d,\"id\":%d,\"caption\":\"A disc, number %d.\"}".formatted(i, 10 + i, i));
            json.append(",{\"image_id\":%d,\"id\":%d,\"caption\":\"another caption\"}".formatted(i, 20 + i));
        }
        Path captions = Files.writeString(folder.resolve("captions_val2017.json"), json + "]}");
        return CocoCaptions.read(captions, images);
    }

    private Path webQa() throws IOException {
        StringBuilder tsv = new StringBuilder();
        StringBuilder json = new StringBuilder("{");
        for (int i = 1; i <= 4; i++) {
            tsv.append(30000000 + i)
                    .append('\t')
                    .append(Base64.getEncoder().encodeToString(png(i)))
                    .append('\n');
            json.append(i == 1 ? "" : ",").append("""
                            "q%d":{"Q":"what?","A":["a"],"split":"%s","img_posFacts":[{"image_id":%d,"title":"Disc_%d",
                            "caption":"Disc %d, a disc","url":"https://example.org/%d"}],
                            "img_negFacts":[{"image_id":30000001,"title":"Disc 1","caption":"Disc 1, a disc"}],
                            "txt_posFacts":[]}""".formatted(i, i < 4 ? "val" : "train", 30000000 + i, i, i, i));
        }
        Files.writeString(folder.resolve("imgs.tsv"), tsv);
        return Files.writeString(folder.resolve("WebQA_train_val.json"), json + "}");
    }

    @Test
    void cocoIsReadDrawnAndMeasured() throws IOException {
        List<CaptionedPicture> pictures = coco();
        assertThat(pictures).extracting(CaptionedPicture::id).containsExactly("1", "2", "3");
        assertThat(pictures).extracting(CaptionedPicture::caption).contains("A disc, number 2.");
        List<String> asked = new ArrayList<>();
        Drawer faithful = (prompt, guidance, seed) -> {
            asked.add(prompt);
            return disc(prompt.charAt(prompt.length() - 2) - '0');
        };
        Path out = folder.resolve("out");
        try (OutlineFeatures network = new OutlineFeatures()) {
            CaptionProtocol protocol = new CaptionProtocol(network, out, line -> {});
            ProtocolSettings settings = new ProtocolSettings(3, 7, List.of(1.0, 4.0));
            List<CaptionProtocol.Result> results = protocol.run(pictures, settings, faithful);
            assertThat(asked).hasSize(6);
            assertThat(results).extracting(CaptionProtocol.Result::guidance).containsExactly(1.0, 4.0);
            assertThat(results).allSatisfy(r -> {
                assertThat(r.real()).isEqualTo(3);
                assertThat(r.drawn()).isEqualTo(3);
                assertThat(r.frechet()).isBetween(-1e-6, 1e-6); // the very pictures
                assertThat(r.toMap(network)).containsKeys("guidance_scale", "frechet_distance_hog8_rgb8");
            });
            assertThat(out.resolve("w4.0/2.png")).isRegularFile();
            protocol.run(pictures, settings, faithful);
            assertThat(asked).as("drawings are kept").hasSize(6);
            double far = new CaptionProtocol(network, folder.resolve("far"), line -> {})
                    .run(pictures, settings, (prompt, guidance, seed) -> disc((int) (seed % 2)))
                    .getFirst()
                    .frechet();
            assertThat(far).isGreaterThan(0.01);
        }
    }

    @Test
    void webQaIsReadBySplitAndBecomesAKnowledgeBase() throws IOException {
        Path questions = webQa();
        Path images = folder.resolve("imgs.tsv");
        List<CaptionedPicture> val = WebQaImages.read(questions, images, "val");
        assertThat(val).extracting(CaptionedPicture::id).containsExactly("30000001", "30000002", "30000003");
        assertThat(val.get(1).title()).isEqualTo("Disc 2");
        assertThat(val.get(1).bytes().read()).isEqualTo(png(2));
        assertThat(WebQaImages.read(questions, images, "")).hasSize(4);
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder.resolve("kb"))) {
            Ingest.Report report = new Ingest(writer, n -> {})
                    .run(new CaptionedSource(val, new NewPair.Credit("CC-BY-SA-4.0", "", "webqa")));
            assertThat(report.added()).isEqualTo(3);
        }
        try (KnowledgeBase base = KnowledgeBase.open(folder.resolve("kb"))) {
            assertThat(base.pairs().get(1).source()).isEqualTo("https://example.org/2");
            assertThat(base.pairs().get(1).licence()).isEqualTo("CC-BY-SA-4.0");
        }
    }

    @Test
    void whatIsWrongIsNamed() throws IOException {
        Path broken = Files.writeString(folder.resolve("broken.json"), "{\"images\":[");
        assertThatThrownBy(() -> CocoCaptions.read(broken, folder))
                .isInstanceOf(KnowledgeException.class)
                .hasMessageContaining("broken.json");
        Path outside = Files.writeString(
                folder.resolve("outside.json"),
                "{\"images\":[{\"id\":1,\"file_name\":\"../../x.png\"}],\"annotations\":[{\"image_id\":1,\"caption\":\"x\"}]}");
        assertThatThrownBy(() -> CocoCaptions.read(outside, folder)).hasMessageContaining("outside");
        Path questions = webQa();
        Path tsv = Files.writeString(folder.resolve("torn.tsv"), "30000001\t!!!!\nno tab");
        assertThatThrownBy(() -> WebQaImages.read(questions, tsv, "val")).hasMessageContaining("torn.tsv");
        Path bad = Files.writeString(folder.resolve("bad.tsv"), "30000001\t!!!!\n");
        CaptionedPicture picture = WebQaImages.read(questions, bad, "val").getFirst();
        assertThatThrownBy(() -> picture.bytes().read()).hasMessageContaining("30000001");
        assertThatThrownBy(() -> new ProtocolSettings(1, 0, List.of(1.0)))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("prompts");
        assertThatThrownBy(() -> new ProtocolSettings(5, 0, List.of(99.0))).hasMessageContaining("guidance_scale");
    }
}
