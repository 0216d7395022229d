package org.reimagen.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.concurrent.CancellationException;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.model.SuperResolutionConfig;
import org.reimagen.core.model.SuperResolutionUNet;

class CascadeTest {
    private static final SuperResolutionStage.Options OPTIONS = new SuperResolutionStage.Options(2, 0.1);

    private static SuperResolutionStage untrained() {
        torch.manual_seed(1);
        return new SuperResolutionStage(
                new SuperResolutionUNet(SuperResolutionConfig.tiny()),
                new SuperResolutionStageConfig(SuperResolutionConfig.tiny(), 16, 64));
    }

    @Test
    void oneSeedGivesOnePictureAndAnotherSeedAnother() {
        try (var _ = new PointerScope();
                SuperResolutionStage stage = untrained()) {
            BufferedImage low = disc(16, Color.RED);
            BufferedImage drawn = stage.enlarge(low, 5, OPTIONS, ProgressListener.NONE);
            assertThat(drawn.getWidth()).isEqualTo(64);
            assertThat(pixels(stage.enlarge(low, 5, OPTIONS, ProgressListener.NONE)))
                    .isEqualTo(pixels(drawn));
            assertThat(pixels(stage.enlarge(low, 6, OPTIONS, ProgressListener.NONE)))
                    .isNotEqualTo(pixels(drawn));
        }
    }

    @Test
    void startsFromTheEnlargedPicture() {
        try (var _ = new PointerScope();
                SuperResolutionStage stage = untrained()) {
            BufferedImage drawn = stage.enlarge(
                    disc(16, Color.RED), 5, new SuperResolutionStage.Options(1, 0), ProgressListener.NONE);
            Color middle = new Color(drawn.getRGB(32, 32));
            Color corner = new Color(drawn.getRGB(1, 1));
            assertThat(middle.getRed() - middle.getBlue()).isGreaterThan(150);
            assertThat(corner.getBlue()).isGreaterThan(200);
        }
    }

    @Test
    void stopsWithinAStep() {
        try (var _ = new PointerScope();
                SuperResolutionStage stage = untrained()) {
            assertThatThrownBy(() -> stage.enlarge(
                            disc(16, Color.RED),
                            5,
                            new SuperResolutionStage.Options(50, 0),
                            progress -> progress.step() < 2))
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("step 2");
        }
    }

    @Test
    void optionsAndConfigurationNameTheFieldAtFault() {
        assertThatThrownBy(() -> new SuperResolutionStage.Options(0, 0))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("sr_steps");
        assertThatThrownBy(() -> new SuperResolutionStage.Options(1, 0.6)).hasMessageContaining("sr_noise_level");
        assertThatThrownBy(() -> new SuperResolutionStageConfig(SuperResolutionConfig.tiny(), 64, 100))
                .hasMessageContaining("resolution");
        assertThatThrownBy(() -> new GenerationRequest.Upscaling(512, OPTIONS)).hasMessageContaining("resolution");
    }

    @Test
    void aPlantedCopyIsCaughtWhateverItsSizeAndShift() {
        BufferedImage reference = disc(64, Color.RED);
        assertThat(CopyScore.of(reference, reference)).isEqualTo(1);
        assertThat(CopyScore.of(disc(256, Color.RED), reference)).isGreaterThan(CopyScore.COPY);
        BufferedImage shifted = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = shifted.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, 64, 64);
        graphics.drawImage(reference, 2, -1, null);
        graphics.dispose();
        assertThat(CopyScore.of(shifted, reference)).isGreaterThan(0.9);
        assertThat(CopyScore.of(disc(64, Color.BLUE), reference)).isLessThan(CopyScore.COPY);
    }

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    private static BufferedImage disc(int side, Color color) {
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
