package org.reimagen.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.model.ConditionsConfig;
import org.reimagen.core.model.SuperResolutionConfig;
import org.reimagen.core.model.SuperResolutionUNet;
import org.reimagen.pipeline.BaseStage.Reference;

/** Later stages that read the prompt and neighbours, on a tiny network of random weights. */
class GuidedCascadeTest {
    private static final SuperResolutionStage.Options OPTIONS = new SuperResolutionStage.Options(2, 0);
    private static final StageGuide GUIDE = new StageGuide(
            "a ball",
            List.of(new Reference(disc(Color.RED, 64), "red ball"), new Reference(disc(Color.BLUE, 64), "b")));

    private static SuperResolutionStage stage(boolean encoder) {
        torch.manual_seed(4);
        SuperResolutionConfig shape = SuperResolutionConfig.tiny().reading(new ConditionsConfig(12, 4, 1, 64));
        SuperResolutionUNet net = new SuperResolutionUNet(shape);
        TinyStage.randomise(net, 0.3);
        SuperResolutionStageConfig config = new SuperResolutionStageConfig(shape, 16, 64);
        return encoder
                ? new SuperResolutionStage(net, config, new TinyStage.WordEncoder())
                : new SuperResolutionStage(net, config);
    }

    private static int[] draw(SuperResolutionStage stage, StageGuide guide, SuperResolutionStage.Options options) {
        return pixels(
                stage.enlarge(List.of(disc(Color.GREEN, 16)), guide, new long[] {5}, options, ProgressListener.NONE)
                        .getFirst());
    }

    @Test
    void textAndNeighboursChangeThePicture() {
        try (SuperResolutionStage stage = stage(true)) {
            assertThat(stage.neighbors()).isEqualTo(1);
            assertThat(stage.neighborResolution()).isEqualTo(64);
            int[] both = draw(stage, GUIDE, OPTIONS);
            assertThat(draw(stage, GUIDE, OPTIONS)).isEqualTo(both);
            assertThat(draw(stage, new StageGuide("a box", GUIDE.references()), OPTIONS))
                    .isNotEqualTo(both);
            assertThat(draw(stage, new StageGuide("a ball", List.of()), OPTIONS))
                    .isNotEqualTo(both);
            int[] nothing = draw(stage, StageGuide.NONE, OPTIONS);
            assertThat(nothing).isNotEqualTo(both);
            assertThat(pixels(stage.enlarge(disc(Color.GREEN, 16), 5, OPTIONS, ProgressListener.NONE)))
                    .isEqualTo(nothing);
        }
    }

    @Test
    void theHeaviestReferenceIsReadWhereNotAllAre() {
        Reference red = GUIDE.references().getFirst();
        Reference blue = GUIDE.references().getLast();
        try (SuperResolutionStage stage = stage(true)) {
            int[] first = draw(stage, GUIDE, OPTIONS);
            assertThat(draw(stage, new StageGuide("a ball", List.of(red)), OPTIONS))
                    .isEqualTo(first);
            Reference heavy = new Reference(blue.picture(), blue.caption(), 2);
            assertThat(draw(stage, new StageGuide("a ball", List.of(red, heavy)), OPTIONS))
                    .isEqualTo(draw(stage, new StageGuide("a ball", List.of(heavy)), OPTIONS))
                    .isNotEqualTo(first);
        }
    }

    @Test
    void guidanceOfZeroReadsNothingAndAboveOneGoesFurther() {
        try (SuperResolutionStage stage = stage(true)) {
            int[] both = draw(stage, GUIDE, OPTIONS);
            assertThat(draw(stage, GUIDE, new SuperResolutionStage.Options(2, 0, 1)))
                    .isEqualTo(both);
            assertThat(draw(stage, GUIDE, new SuperResolutionStage.Options(2, 0, 3)))
                    .isNotEqualTo(both);
            int[] none = draw(stage, StageGuide.NONE, OPTIONS);
            int[] zero = draw(stage, GUIDE, new SuperResolutionStage.Options(2, 0, 0));
            assertThat(farthest(none, zero)).isLessThanOrEqualTo(1); // rounding of a sum of two evaluations
        }
        assertThatThrownBy(() -> new SuperResolutionStage.Options(2, 0, -1))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("sr_guidance_scale");
    }

    @Test
    void guidanceTakesASecondEvaluationAndReadingCounts() {
        SuperResolutionStage.Options guided = new SuperResolutionStage.Options(2, 0, 3);
        try (SuperResolutionStage stage = stage(true)) {
            BaseStage.Work once = stage.work(OPTIONS, 5, 1);
            BaseStage.Work twice = stage.work(guided, 5, 1);
            assertThat(once.evaluations()).isEqualTo(2);
            assertThat(twice.evaluations()).isEqualTo(4);
            assertThat(twice.gflop()).isEqualTo(2 * once.gflop());
            assertThat(stage.work(OPTIONS, 9, 1).gflop()).isGreaterThan(once.gflop());
            assertThat(stage.work(OPTIONS, 5, 0).gflop()).isLessThan(once.gflop());
        }
    }

    @Test
    void picturesOfOneSceneAreDrawnAsEachAlone() {
        try (SuperResolutionStage stage = stage(true)) {
            List<BufferedImage> two = stage.enlarge(
                    List.of(disc(Color.ORANGE, 16), disc(Color.GREEN, 16)),
                    GUIDE,
                    new long[] {9, 5},
                    OPTIONS,
                    ProgressListener.NONE);
            assertThat(pixels(two.getLast())).isEqualTo(draw(stage, GUIDE, OPTIONS));
        }
    }

    @Test
    void whatCannotBeReadIsRefused() {
        try (SuperResolutionStage mute = stage(false);
                SuperResolutionStage stage = stage(true)) {
            assertThat(draw(mute, StageGuide.NONE, OPTIONS)).isEqualTo(draw(stage, StageGuide.NONE, OPTIONS));
            assertThatThrownBy(() -> draw(mute, GUIDE, OPTIONS)).hasMessageContaining("text encoder");
            StageGuide small = new StageGuide("", List.of(new Reference(disc(Color.RED, 16), "small")));
            assertThatThrownBy(() -> draw(stage, small, OPTIONS)).hasMessageContaining("64 x 64");
        }
    }

    private static int farthest(int[] a, int[] b) {
        int farthest = 0;
        for (int i = 0; i < a.length; i++) {
            for (int shift = 0; shift < 24; shift += 8) {
                farthest = Math.max(farthest, Math.abs((a[i] >> shift & 255) - (b[i] >> shift & 255)));
            }
        }
        return farthest;
    }

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    private static BufferedImage disc(Color color, int side) {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, side, side);
        graphics.setColor(color);
        graphics.fillOval(side / 8, side / 8, side * 3 / 4, side * 3 / 4);
        graphics.dispose();
        return image;
    }
}
