package org.reimagen.knowledge.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.knowledge.Drawings;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.NewPair;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.UnwritableException;

class IngestTest {
    @TempDir
    Path temporary;

    private Path base = Path.of("");
    private Path data = Path.of("");

    @BeforeEach
    void folders() throws IOException {
        base = temporary.resolve("base");
        data = Files.createDirectories(temporary.resolve("data"));
    }

    private Ingest.Report ingest(Path path) {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(base)) {
            return new Ingest(writer, n -> {}).run(Sources.at(path, NewPair.Credit.unknown("here")));
        }
    }

    private List<Pair> pairs() {
        try (KnowledgeBase open = KnowledgeBase.open(base)) {
            return open.pairs();
        }
    }

    private void text(String name, String content) throws IOException {
        Path file = data.resolve(name);
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, content);
    }

    @Test
    void aFolderGoesInAndItsBrokenPictureIsListed() throws IOException {
        for (int i = 0; i < 20; i++) {
            Files.write(data.resolve("p" + i + ".svg"), Drawings.svg(i));
            text("p" + i + ".txt", "picture " + i + "\nfr: image\n");
        }
        Files.write(data.resolve("photo_of-me.png"), Drawings.raster("png"));
        text("broken.png", "no picture");
        Ingest.Report report = ingest(data);
        assertThat(report.added()).isEqualTo(21);
        assertThat(report.rejected()).singleElement().asString().contains("broken.png");
        assertThat(pairs()).extracting(Pair::caption).contains("picture 7", "photo of me");
        assertThat(ingest(data).rejected()).hasSize(1);
        assertThat(pairs()).hasSize(21);
    }

    /** A base that cannot be written is no fault of the picture: it was listed as left out, and the rest went on. */
    @Test
    void anUnwritableBaseEndsTheIngestWhateverTheSource() throws IOException {
        Files.write(data.resolve("a.svg"), Drawings.svg(1));
        Files.write(data.resolve("b.svg"), Drawings.svg(2));
        text(
                "metadata.jsonl",
                "{\"file_name\": \"a.svg\", \"text\": \"a\"}\n{\"file_name\": \"b.svg\", \"text\": \"b\"}\n");
        Files.createDirectories(base);
        Files.writeString(base.resolve("originals"), "no folder");
        for (Path source : List.of(data, data.resolve("metadata.jsonl"))) {
            assertThatThrownBy(() -> ingest(source))
                    .isInstanceOf(UnwritableException.class)
                    .hasMessageContaining(base.resolve("originals").toString())
                    .message()
                    .hasLineCount(1);
        }
    }

    /** Folders by subject; captions in many languages; sounds and hints beside them; a drawing that faces the other way. */
    @Test
    void stampsOfTuxpaintGoInWithCaptionsAndLicence() throws IOException {
        Files.createDirectories(data.resolve("animals/birds"));
        Files.write(data.resolve("animals/birds/owl.svg"), Drawings.svg(1));
        text("animals/birds/owl.txt", "A barn owl.\naf.utf8='n Nonnetjie-uil.\nde.utf8=Eine Schleiereule.\n");
        text("animals/birds/owl.dat", "nomirror\n");
        text("animals/birds/owl_desc_de.ogg", "no picture at all");
        Files.write(data.resolve("animals/bus.svg"), Drawings.svg(2));
        text("animals/bus.txt", "\nA school bus.\n");
        Files.write(data.resolve("animals/bus_mirror.png"), Drawings.raster("png"));
        NewPair.Credit credit = new NewPair.Credit("GPL-2.0-only", "Tux Paint", "stamps");
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(base)) {
            Ingest.Report report = new Ingest(writer, n -> {}).run(Sources.at(data, credit));
            assertThat(report).isEqualTo(new Ingest.Report(3, List.of()));
        }
        assertThat(pairs()).extracting(Pair::caption).containsExactly("A barn owl.", "A school bus.", "A school bus.");
        assertThat(pairs()).extracting(Pair::licence).containsOnly("GPL-2.0-only");
        assertThat(pairs()).extracting(Pair::author).containsOnly("Tux Paint");
        assertThat(pairs().getFirst().source()).isEqualTo("stamps/animals/birds/owl.svg");
    }

    @Test
    void metadataLinesGoInAndBadOnesAreListed() throws IOException {
        Files.write(data.resolve("a.png"), Drawings.raster("png"));
        Files.write(temporary.resolve("secret.png"), Drawings.raster("png"));
        text("metadata.jsonl", """
                {"file_name":"a.png","text":"an orange box","id":"box","tags":["x","y"],"licence":"CC0-1.0","author":"A"}
                {"file_name":"../secret.png","text":"outside"}
                {"file_name":"/etc/hostname","text":"absolute"}
                {"file_name":"none.png","text":"missing"}
                {"text":"no file"}
                {"file_name": broken
                []
                """);
        Ingest.Report report = ingest(data);
        assertThat(report.added()).isEqualTo(1);
        assertThat(report.rejected())
                .hasSize(6)
                .allSatisfy(r -> assertThat(r.reason()).isNotBlank().doesNotContain("\n"));
        assertThat(pairs()).singleElement().satisfies(pair -> {
            assertThat(pair.id()).isEqualTo("box");
            assertThat(pair.tags()).containsExactly("x", "y");
            assertThat(pair.licence()).isEqualTo("CC0-1.0");
        });
    }

    @Test
    void tablesMayQuoteAndMayBeTabbed() throws IOException {
        Files.write(data.resolve("a.png"), Drawings.raster("png"));
        text("t.csv", "file_name,text,id\na.png,\"a \"\"box\"\", orange\nand so on\",one\na.png\n");
        text("t.tsv", "file_name\ttext\tid\na.png\ta box, orange\ttwo\n");
        assertThat(ingest(data.resolve("t.csv")).rejected()).hasSize(1);
        assertThat(ingest(data.resolve("t.tsv")).added()).isEqualTo(1);
        assertThat(pairs()).extracting(Pair::caption).containsExactly("a \"box\", orange\nand so on", "a box, orange");
    }

    @Test
    void whatIsNoSourceIsRefusedInOneLine() throws IOException {
        text("x.bin", "x");
        for (String name : List.of("x.bin", "none")) {
            assertThatThrownBy(() -> ingest(data.resolve(name)))
                    .isInstanceOf(KnowledgeException.class)
                    .hasMessageContaining(name)
                    .hasMessageNotContaining("\n");
        }
        text("icons.json", "{ broken");
        text("info.json", "{}");
        assertThatThrownBy(() -> ingest(data))
                .isInstanceOf(KnowledgeException.class)
                .hasMessageContaining("icons.json");
    }

    @Test
    void iconSetsShareEntitiesUnderAllTheirNames() throws IOException {
        String disc = "\"body\":\"<circle cx='8' cy='8' r='5'/>\"";
        text("emojibase-data/en/data.json", "[{\"hexcode\":\"1F405\",\"label\":\"Tiger\",\"tags\":[\"cat\"]}]");
        set(
                "one",
                "{\"tiger\":{%s},\"tiger-skin-tone\":{%s},\"wave\":{%s},\"wave-dark\":{%s}}"
                        .formatted(disc, disc, disc, disc));
        text("@iconify-json/one/chars.json", "{\"1f405\":\"tiger\"}");
        set("two", "{\"big-cat\":{%s},\"unknown-thing\":{%s}}".formatted(disc, disc));
        text("@iconify-json/two/chars.json", "{\"1f405-fe0f\":\"big-cat\"}");
        assertThat(ingest(data).rejected()).isEmpty();
        assertThat(pairs())
                .extracting(Pair::id)
                .containsExactly("one/tiger", "one/wave", "two/big-cat", "two/unknown-thing");
        assertThat(pairs()).extracting(Pair::entity).containsExactly("tiger", "wave", "tiger", "unknown thing");
        assertThat(pairs().get(2).caption()).isEqualTo("tiger, two style");
        assertThat(pairs()).allMatch(p -> p.licence().equals("MIT") && p.vector() && p.width() == 16);
    }

    private void set(String name, String icons) throws IOException {
        text(
                "@iconify-json/" + name + "/icons.json",
                "{\"prefix\":\"%s\",\"width\":16,\"height\":16,\"icons\":%s}".formatted(name, icons));
        text("@iconify-json/" + name + "/info.json", "{\"license\":{\"spdx\":\"MIT\"},\"author\":{\"name\":\"A\"}}");
        text("@iconify-json/" + name + "/package.json", "{\"version\":\"1.0.0\"}");
    }
}
