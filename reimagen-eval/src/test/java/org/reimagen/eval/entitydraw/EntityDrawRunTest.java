package org.reimagen.eval.entitydraw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;
import org.reimagen.eval.listing.ListedPicture;
import org.reimagen.eval.listing.ListedReference;
import org.reimagen.eval.listing.Listing;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.NewPair;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.retrieval.Neighbor;
import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.pipeline.GenerationResult;

/** A run with a painter that draws the true pictures. */
class EntityDrawRunTest {
    private static final List<Prompt> PROMPTS = List.of(
            new Prompt("things", "frequent", "thing 0"),
            new Prompt("things", "held-out", "thing 1"),
            new Prompt("things", "frequent", "unknown thing"));

    @TempDir
    Path folder = Path.of("");

    private KnowledgeBase base;
    private final List<String> drawn = new ArrayList<>();
    private final List<String> said = new ArrayList<>();

    @BeforeEach
    void makeBase() {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder.resolve("kb"))) {
            for (int i = 0; i < 2; i++) {
                byte[] svg = ("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\"><rect x=\"" + 30 * i
                                + "\" y=\"8\" width=\"12\" height=\"40\" fill=\"#0" + 8 * i + "8\"/></svg>")
                        .getBytes(StandardCharsets.UTF_8);
                writer.add(new NewPair("id" + i, NewPair.Text.of("thing " + i), NewPair.Credit.unknown("test"), svg));
            }
            writer.commit();
        }
        base = KnowledgeBase.open(folder.resolve("kb"));
    }

    @AfterEach
    void closeBase() {
        base.close();
    }

    private GenerationResult paint(Prompt prompt, int knn) {
        drawn.add(prompt.entity());
        Pair pair = base.pairs().stream()
                .filter(p -> p.entity().equals(prompt.entity()))
                .findFirst()
                .orElseThrow();
        BufferedImage truth = Pictures.on(Color.WHITE, base.picture(pair, 64));
        List<BufferedImage> four = List.of(truth, truth, truth, truth);
        return new GenerationResult(
                GenerationRequest.of(prompt.entity()).withNeighbors(knn),
                four,
                new LinkedHashMap<>(Map.of(64, four)),
                List.of(1.0, 1.0, 1.0, 1.0),
                List.of(0L, 1L, 2L, 3L),
                knn == 0 ? List.of() : List.of(new Neighbor(pair, 1, 1)),
                "model",
                "0".repeat(64),
                "1".repeat(64),
                Map.of());
    }

    private List<EntityDraw.Drawn> run(int knn) {
        Map<String, String> settings = Map.of("knn", String.valueOf(knn));
        return new EntityDrawRun(folder.resolve("out"), base, settings, said::add)
                .draw(PROMPTS, "K = " + knn, prompt -> paint(prompt, knn));
    }

    @Test
    void everyPictureIsListedWithItsReferences() {
        List<EntityDraw.Drawn> all = run(1);
        assertThat(all).extracting(EntityDraw.Drawn::ranks).containsOnly(List.of(0, 0, 0, 0));
        assertThat(all).hasSize(2);
        assertThat(said).contains("left out unknown thing: the knowledge base does not picture it");
        List<ListedPicture> listed = Listing.read(folder.resolve("out"));
        assertThat(listed).extracting(ListedPicture::seed).containsExactly(0L, 1L, 2L, 3L, 0L, 1L, 2L, 3L);
        ListedPicture last = listed.getLast();
        assertThat(List.of(last.setting(), last.entity(), last.category(), last.frequency()))
                .containsExactly("K = 1", "thing 1", "things", "held-out");
        assertThat(last.references()).extracting(ListedReference::entity).containsExactly("thing 1");
        assertThat(last.references()).extracting(ListedReference::used).containsExactly(true);
    }

    @Test
    void withoutNeighboursTruePicturesAreShownButNotCalledUsed() {
        run(0);
        assertThat(Listing.read(folder.resolve("out")).getFirst().references())
                .extracting(ListedReference::used)
                .containsExactly(false);
    }

    @Test
    void aStoppedRunGoesOnAndGivesTheSameFigures() throws IOException {
        List<EntityDraw.Drawn> whole = run(1);
        Path listing = folder.resolve("out").resolve(Listing.NAME);
        List<String> lines = Files.readAllLines(listing);
        Files.write(listing, lines.subList(0, 4));
        drawn.clear();
        assertThat(run(1)).isEqualTo(whole);
        assertThat(drawn).containsExactly("thing 1");
        assertThat(Files.readAllLines(listing)).isEqualTo(lines);
        assertThatThrownBy(() -> run(0))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("was begun with knn 1, not 0")
                .hasMessageContaining("--output-dir");
    }

    @Test
    void aBrokenListingIsNamedByFileAndLine() throws IOException {
        run(1);
        Path out = folder.resolve("out");
        Path listing = out.resolve(Listing.NAME);
        List<String> lines = Files.readAllLines(listing);
        String first = lines.getFirst();
        for (String broken : List.of(
                first,
                "{",
                first.replace("\"seed\"", "\"sead\""),
                first.replace("-0.png", "-9.png"),
                lines.get(1).replaceFirst("things/", "../out/../../things/"))) {
            Files.write(listing, List.of(first, broken));
            assertThatThrownBy(() -> Listing.read(out))
                    .as(broken)
                    .isInstanceOf(ReImagenException.class)
                    .hasMessageContaining(Listing.NAME + ": line 2");
        }
        Files.delete(listing);
        assertThatThrownBy(() -> Listing.read(out)).hasMessageContaining("no such file");
    }
}
