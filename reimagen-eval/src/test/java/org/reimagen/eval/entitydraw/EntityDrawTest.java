package org.reimagen.eval.entitydraw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;
import org.reimagen.eval.Interval;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.NewPair;
import org.reimagen.train.data.Split;

class EntityDrawTest {
    @TempDir
    Path folder = Path.of("");

    @Test
    void thePhotographicSetHasFiftyOfEachKindAndTwentyObjects() {
        Map<String, Long> counts = PromptSet.named("photographic").stream()
                .collect(Collectors.groupingBy(p -> p.category() + " " + p.frequency(), Collectors.counting()));
        for (String category : List.of("dog-breeds", "foods", "landmarks", "birds", "characters")) {
            assertThat(counts).containsEntry(category + " frequent", 25L).containsEntry(category + " infrequent", 25L);
        }
        assertThat(counts).containsEntry("objects frequent", 20L).hasSize(11);
    }

    @Test
    void theEmojiSetSaysTruthfullyWhatIsHeldOut() {
        List<Prompt> prompts = PromptSet.named("emoji");
        assertThat(prompts.stream().map(Prompt::category).distinct())
                .containsExactlyInAnyOrder("mammals", "foods", "places", "birds", "fantasy-characters");
        assertThat(prompts)
                .allSatisfy(p -> assertThat(Split.isHeldOut(p.entity()))
                        .as(p.entity())
                        .isEqualTo(p.frequency().equals("held-out")));
    }

    @Test
    void brokenSetsAreNamed() throws IOException {
        assertThatThrownBy(() -> PromptSet.named("nothing")).hasMessageContaining("nothing");
        Path file = folder.resolve("set.tsv");
        for (String text : List.of(
                "",
                "entity\nfox",
                "category\tfrequency\tentity\na\tsometimes\tfox",
                "category\tfrequency\tentity\na\tfrequent")) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> PromptSet.read(file))
                    .isInstanceOf(ReImagenException.class)
                    .hasMessageContaining("set.tsv");
        }
    }

    private KnowledgeBase base() {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder.resolve("kb"))) {
            for (int i = 0; i < 4; i++) {
                byte[] svg = ("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\"><rect x=\"" + 14 * i
                                + "\" y=\"8\" width=\"12\" height=\"40\" fill=\"#"
                                + "%d%d%d".formatted(9 - 3 * i, 2 * i, i) + "\"/></svg>")
                        .getBytes(StandardCharsets.UTF_8);
                writer.add(new NewPair("id" + i, NewPair.Text.of("thing " + i), NewPair.Credit.unknown("test"), svg));
            }
            writer.commit();
        }
        return KnowledgeBase.open(folder.resolve("kb"));
    }

    @Test
    void aDrawingIsTakenForTheNearestEntity() {
        try (KnowledgeBase base = base()) {
            Recognition recognition = new Recognition(base);
            BufferedImage truth = base.picture(base.find("id2").orElseThrow(), 128);
            assertThat(recognition.rank("thing 2", truth)).isZero();
            assertThat(recognition.rank("thing 0", truth)).isBetween(1, 3);
            assertThat(recognition.rank("nothing", truth)).isEqualTo(4);
        }
    }

    @Test
    void bestAndMeanOfFour() {
        Prompt common = new Prompt("birds", "frequent", "owl");
        Prompt rare = new Prompt("birds", "infrequent", "dodo");
        Map<String, Map<String, Interval>> groups = EntityDraw.groups(List.of(
                new EntityDraw.Drawn(common, List.of(0, 3, 9, 0)), new EntityDraw.Drawn(rare, List.of(4, 8, 5, 9))));
        assertThat(groups).containsOnlyKeys("all", "frequent", "infrequent", "birds, frequent", "birds, infrequent");
        Map<String, Interval> all = groups.getOrDefault("all", Map.of());
        assertThat(all).extractingByKey("mean_of_4").extracting(Interval::value).isEqualTo(0.25);
        assertThat(all).extractingByKey("best_of_4").extracting(Interval::value).isEqualTo(0.5);
        assertThat(all)
                .extractingByKey("best_of_4_within_5")
                .extracting(Interval::value)
                .isEqualTo(1.0);
        assertThat(groups.getOrDefault("infrequent", Map.of()))
                .extractingByKey("mean_of_4_within_5")
                .extracting(Interval::value)
                .isEqualTo(0.25);
    }
}
