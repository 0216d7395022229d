package org.reimagen.eval.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.NewPair;
import org.reimagen.knowledge.retrieval.Bm25Retriever;
import org.reimagen.train.data.Split;

class RetrievalQualityTest {
    @TempDir
    Path folder = Path.of("");

    /** The first entities of "beast 0", "beast 1", … that are held out. */
    private static List<String> heldOut(int count) {
        return IntStream.range(0, 10_000)
                .mapToObj(i -> "beast " + i)
                .filter(Split::isHeldOut)
                .limit(count)
                .toList();
    }

    private void fill(List<String> entities) {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder.resolve("kb"))) {
            int number = 0;
            for (String entity : entities) {
                for (String style : List.of("noto", "twemoji")) {
                    byte[] svg =
                            ("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" r=\"5\""
                                            + " fill=\"#" + "%06x".formatted(++number * 9973) + "\"/></svg>")
                                    .getBytes(StandardCharsets.UTF_8);
                    writer.add(new NewPair(
                            style + "/" + entity,
                            new NewPair.Text(
                                    entity, entity, entity, style, List.of("red", "old", "big " + entity, "hair")),
                            NewPair.Credit.unknown("test"),
                            svg));
                }
            }
            writer.commit();
        }
    }

    private Path emojibase(String label) throws IOException {
        Path en = Files.createDirectories(folder.resolve("names/en"));
        Files.writeString(en.resolve("data.json"), "[{\"hexcode\":\"1F000\",\"label\":\"" + label + "\"}]");
        Files.createDirectories(en.resolve("shortcodes"));
        for (String vocabulary : List.of("emojibase", "github", "iamcal", "joypixels", "cldr")) {
            Files.writeString(
                    en.resolve("shortcodes/" + vocabulary + ".json"),
                    "{\"1F000\":[\"the_Monster2\",\"x\"],\"1F001\":\"cat\"}");
        }
        return folder.resolve("names");
    }

    @Test
    void everyHeldOutEntityIsAskedForInEveryWording() throws IOException {
        List<String> entities = heldOut(3);
        fill(entities);
        OtherNames names = new OtherNames(emojibase(entities.getFirst()));
        try (KnowledgeBase base = KnowledgeBase.open(folder.resolve("kb"))) {
            List<Question> questions = new Questions(base, names, 5).heldOut();
            assertThat(questions).extracting(Question::entity).containsOnly(entities.toArray(String[]::new));
            for (Wording wording : Wording.values()) {
                assertThat(questions.stream().filter(q -> q.wording() == wording))
                        .hasSize(wording == Wording.OTHER_NAME ? 1 : 3);
            }
            assertThat(questions).extracting(Question::shown).contains("the monster");
            assertThat(new Questions(base, names, 5).heldOut())
                    .extracting(Question::shown)
                    .isEqualTo(questions.stream().map(Question::shown).toList());
            List<Question> clean =
                    questions.stream().filter(q -> q.wording() == Wording.CLEAN).toList();
            RetrievalQuality quality = RetrievalQuality.of(new Bm25Retriever(base), clean, 4);
            assertThat(quality.recall().value()).isEqualTo(1);
            assertThat(quality.precision().value()).isEqualTo(0.5); // two pairs of four places
            RetrievalQuality none = RetrievalQuality.of(query -> List.of(), clean, 4);
            assertThat(none.recall().value()).isZero();
        }
    }

    @Test
    void misspellingEditsEveryLongWordOnce() {
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            String[] words = Misspelling.of("flamingo on bicycle", random).split(" ");
            assertThat(words).hasSize(3);
            assertThat(words[0]).startsWith("f").hasSizeBetween(7, 9);
            assertThat(words[1]).isEqualTo("on");
            assertThat(words[2]).startsWith("b").hasSizeBetween(6, 8);
        }
        assertThat(Misspelling.of("flamingo", new Random(3))).isEqualTo(Misspelling.of("flamingo", new Random(3)));
    }

    @Test
    void missingNamesAreNamed() {
        assertThatThrownBy(() -> new OtherNames(folder.resolve("nowhere")))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("data.json");
    }
}
