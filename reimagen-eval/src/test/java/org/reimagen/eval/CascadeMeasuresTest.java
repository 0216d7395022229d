package org.reimagen.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.SuperResolutionConfig;
import org.reimagen.core.model.SuperResolutionUNet;
import org.reimagen.core.model.UNet;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.eval.listing.ListedPicture;
import org.reimagen.eval.listing.ListedReference;
import org.reimagen.eval.listing.Listing;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.NewPair;
import org.reimagen.knowledge.encoder.EncodedText;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.BaseStage;
import org.reimagen.pipeline.Finish;
import org.reimagen.pipeline.SuperResolutionStage;

/** The measures of the whole cascade, on an untrained tiny model and a base of two held-out entities in four styles. */
class CascadeMeasuresTest {
    private static final List<String> STYLES = List.of("noto", "twemoji", "openmoji", "fxemoji");
    private static final SuperResolutionStage.Options OPTIONS = new SuperResolutionStage.Options(1, 0);
    private static final Setting SETTING =
            new Setting(2, 1, 1, 0.1, 0, 1, 0, 1, 1, 1, Finish.NONE, Setting.Solver.DPM, Setting.Clip.STATIC);

    @TempDir
    static Path folder = Path.of("");

    private static final class LengthEncoder implements TextEncoder {
        @Override
        public EncodedText encode(String text) {
            float[] states = new float[dim()];
            Arrays.fill(states, text.length() / 40f);
            states[0] = 1;
            return new EncodedText(dim(), states, states.clone());
        }

        @Override
        public int dim() {
            return UNetConfig.tiny().textDim();
        }

        @Override
        public String name() {
            return "lengths";
        }

        @Override
        public void close() {
            assertThat(dim()).isPositive();
        }
    }

    @BeforeAll
    static void makeModelAndBase() {
        torch.set_num_threads(1);
        torch.manual_seed(2);
        try (var _ = new PointerScope()) {
            ModelFolder model = model();
            model.writeBase(
                    new StageConfig(UNetConfig.tiny(), 64, "lengths"),
                    Weights.named(new UNet(UNetConfig.tiny())),
                    Map.of());
            model.writeSuperResolution(
                    new SuperResolutionStageConfig(SuperResolutionConfig.tiny(), 64, 256),
                    Weights.named(new SuperResolutionUNet(SuperResolutionConfig.tiny())),
                    Map.of());
        }
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder.resolve("kb"))) {
            for (String entity : List.of("flamingo", "rocket")) {
                STYLES.forEach(style -> writer.add(pair(entity, style)));
            }
            writer.commit();
        }
    }

    private static ModelFolder model() {
        return new ModelFolder(folder.resolve("model"));
    }

    private static NewPair pair(String entity, String style) {
        int hash = (entity + style).hashCode() & 0xFFFFFF;
        String svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\" width=\"32\" height=\"32\">"
                + "<circle cx=\"%d\" cy=\"%d\" r=\"%d\" fill=\"#%06x\"/><rect x=\"%d\" y=\"3\" width=\"9\" height=\"%d\"/></svg>"
                        .formatted(6 + hash % 19, 6 + hash % 17, 4 + hash % 7, hash, hash % 23, 5 + hash % 13);
        return new NewPair(
                style + "/" + entity,
                new NewPair.Text(entity + ", " + style + " style", entity, entity, style, List.of()),
                new NewPair.Credit("CC0-1.0", "nobody", "drawn"),
                svg.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void sharpnessIsScoredForEveryStageAndTheSheetHoldsAllTargets() {
        try (var _ = new PointerScope();
                KnowledgeBase base = KnowledgeBase.open(folder.resolve("kb"));
                BaseStage first = BaseStage.load(model(), new LengthEncoder());
                LaterStages later = LaterStages.load(model(), 256, OPTIONS)) {
            DraftQuality quality =
                    new DraftQuality(base, 3, line -> assertThat(line).startsWith("drew"));
            List<DraftQuality.Score> scores = quality.measure(first, later, SETTING);
            assertThat(scores).extracting(DraftQuality.Score::resolution).containsExactly(64, 256);
            assertThat(scores).allSatisfy(s -> {
                assertThat(s.targets()).isEqualTo(3);
                assertThat(s.drawn()).isPositive();
                assertThat(s.truth()).isPositive();
                assertThat(s.ratio()).isPositive();
            });
            assertThat(quality.sheet().getWidth()).isGreaterThan(6 * 256);
        }
    }

    @Test
    void faithfulnessOfTheLastStageIsMeasuredBesideTheFirstStagesOwn() {
        try (var _ = new PointerScope();
                KnowledgeBase base = KnowledgeBase.open(folder.resolve("kb"));
                BaseStage first = BaseStage.load(model(), new LengthEncoder());
                LaterStages later = LaterStages.load(model(), 256, OPTIONS)) {
            Faithfulness faithfulness = new Faithfulness(
                    base, Frequency.HELD_OUT, 4, line -> assertThat(line).isNotEmpty());
            List<Row> rows = faithfulness.measure(first, later, SETTING);
            assertThat(rows).hasSize(2);
            assertThat(rows.getLast().name()).startsWith(rows.getFirst().name()).contains("drawn to 256");
            for (int i = 0; i < 4; i++) {
                var draft = rows.getFirst().outcomes().get(i).picture();
                var broughtDown = rows.getLast().outcomes().get(i).picture();
                assertThat(broughtDown.getWidth()).isEqualTo(64);
                assertThat(ImageQuality.psnr(draft, broughtDown))
                        .as("an untrained later stage only enlarges, and bringing down undoes it")
                        .isGreaterThan(15);
            }
        }
    }

    @Test
    void whatWasDrawnIsListedForRaters() {
        Path into = folder.resolve("listed");
        try (var _ = new PointerScope();
                KnowledgeBase base = KnowledgeBase.open(folder.resolve("kb"));
                BaseStage first = BaseStage.load(model(), new LengthEncoder());
                LaterStages later = LaterStages.load(model(), 256, OPTIONS)) {
            Faithfulness faithfulness = new Faithfulness(
                    base, Frequency.HELD_OUT, 3, line -> assertThat(line).isNotEmpty());
            FaithfulnessListing listing = new FaithfulnessListing(faithfulness, into);
            faithfulness.measure(first, later, SETTING).forEach(listing::add);
            List<ListedPicture> pictures = Listing.read(into);
            assertThat(pictures).allMatch(p -> p.frequency().equals("held-out"));
            assertThat(pictures).hasSize(3).allSatisfy(p -> {
                assertThat(p.setting()).isEqualTo(SETTING.title());
                assertThat(p.frequency()).isEqualTo("held-out");
                assertThat(p.copyScore()).isBetween(-1.0, 1.0);
                assertThat(p.references()).extracting(ListedReference::used).containsExactly(false, true, true);
            });
            assertThat(pictures.getFirst().entity())
                    .isEqualTo(faithfulness.targets().getFirst().truth().entity());
        }
    }

    @Test
    void aStageThatTheModelLacksIsRefused() {
        assertThatThrownBy(() -> LaterStages.load(model(), 1024, OPTIONS))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("1024");
        assertThatThrownBy(() -> LaterStages.load(model(), 64, OPTIONS)).hasMessageContaining("resolution");
    }
}
