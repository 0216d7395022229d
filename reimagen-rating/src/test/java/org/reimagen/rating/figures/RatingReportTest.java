package org.reimagen.rating.figures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;
import org.reimagen.eval.listing.ListedPicture;
import org.reimagen.rating.Answer;
import org.reimagen.rating.Evaluation;
import org.reimagen.rating.Question;
import org.reimagen.rating.Verdict;

class RatingReportTest {
    @TempDir
    Path folder = Path.of("");

    private static Answer faithful(String rater, ListedPicture picture, Verdict verdict) {
        return new Answer(rater, picture.file(), Question.FAITHFUL, verdict);
    }

    /** Frequent birds are all right, held-out ones never; two raters, of whom the second cannot tell the last. */
    private RatingReport report() {
        List<ListedPicture> pictures = Evaluation.write(folder, 6, 2);
        List<Answer> answers = new ArrayList<>();
        for (ListedPicture picture : pictures) {
            Verdict verdict = picture.frequency().equals("frequent") ? Verdict.YES : Verdict.NO;
            answers.add(faithful("ann", picture, verdict));
            answers.add(faithful("bob", picture, picture.equals(pictures.getLast()) ? Verdict.UNSURE : verdict));
        }
        return new RatingReport(pictures, answers);
    }

    @Test
    void sharesAgreementAndCountsByGroup() {
        Map<String, GroupFigures> groups =
                Objects.requireNonNull(report().figures().get("faithful"));
        assertThat(groups)
                .containsOnlyKeys(
                        "all",
                        "frequency: frequent",
                        "frequency: held-out",
                        "category: birds",
                        "birds, frequent",
                        "birds, held-out");
        GroupFigures all = Objects.requireNonNull(groups.get("all"));
        assertThat(Objects.requireNonNull(all.share()).value()).isEqualTo(12 / 23.0, within(1e-9));
        assertThat(Objects.requireNonNull(all.share()).n()).isEqualTo(6);
        assertThat(Objects.requireNonNull(all.share()).low()).isLessThan(0.3);
        assertThat(Objects.requireNonNull(all.share()).high()).isGreaterThan(0.7);
        assertThat(all.alpha()).isEqualTo(1.0);
        assertThat(List.of(all.answers(), all.unsure(), all.pictures(), all.raters()))
                .containsExactly(23, 1, 12, 2);
        GroupFigures frequent = Objects.requireNonNull(groups.get("frequency: frequent"));
        assertThat(Objects.requireNonNull(frequent.share()).value()).isEqualTo(1);
        assertThat(frequent.alpha()).isNull();
        GroupFigures clean = Objects.requireNonNull(
                Objects.requireNonNull(report().figures().get("clean")).get("all"));
        assertThat(clean.share()).isNull();
        assertThat(report().lines()).anyMatch(l -> l.contains("clean") && l.contains("no answers"));
    }

    @Test
    void csvHasOneRowPerRaterAndDrawing() {
        List<String> lines = report().csv().lines().toList();
        assertThat(lines).hasSize(1 + 24);
        assertThat(lines.getFirst()).isEqualTo("rater,picture,setting,entity,category,frequency,seed,faithful,clean");
        assertThat(lines.get(1)).isEqualTo("ann,birds/bird-0-0.png,K = 4,bird 0,birds,frequent,0,yes,");
        assertThat(lines.getLast()).endsWith("unsure,");
    }

    @Test
    void cellsAreQuotedWhereTheyMustBe() {
        ListedPicture picture = new ListedPicture(
                "a.png", "K = 4, 20 steps", "the \"cat\"", "the \"cat\"", "pets", "frequent", 0, 0, 0, List.of());
        String csv = new RatingReport(List.of(picture), List.of(faithful("ann", picture, Verdict.YES))).csv();
        assertThat(csv).contains("ann,a.png,\"K = 4, 20 steps\",\"the \"\"cat\"\"\",pets,");
    }

    @Test
    void anAnswerAboutNothingListedIsNamed() {
        List<Answer> stray = List.of(new Answer("ann", "gone.png", Question.CLEAN, Verdict.YES));
        assertThatThrownBy(() -> new RatingReport(List.of(), stray))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("gone.png");
    }
}
