package org.reimagen.pipeline;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.diffusion.Guidance;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.core.model.UNet;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.encoder.EncodedText;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.BaseStage.Reference;
import org.reimagen.pipeline.BaseStage.Scene;

/** What the tests of the first stage draw with: a tiny network, an encoder of words, plain references. */
final class TinyStage {
    static final UNetConfig SHAPE = UNetConfig.tiny();
    static final int SIDE = 2 * SHAPE.sizeMultiple();

    private TinyStage() {}

    static BaseStage stage() {
        return new BaseStage(net(3), new StageConfig(SHAPE, SIDE, "words"), new WordEncoder());
    }

    /** A tiny network whose every weight is drawn at random, so that no path is closed. */
    static UNet net(long seed) {
        torch.manual_seed(seed);
        UNet net = new UNet(SHAPE);
        randomise(net, 0.15);
        return net;
    }

    /** Draws every weight from a normal distribution of the given deviation. */
    static void randomise(Module net, double deviation) {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            Weights.named(net).values().forEach(w -> w.copy_(Ops.scale(torch.randn(w.shape()), deviation)));
        }
    }

    /** A state for every word, drawn from its hash. */
    static final class WordEncoder implements TextEncoder {
        @Override
        public EncodedText encode(String text) {
            String[] words = text.split(" ", -1);
            float[] states = new float[words.length * dim()];
            for (int i = 0; i < words.length; i++) {
                Random random = new Random(words[i].hashCode());
                for (int j = 0; j < dim(); j++) {
                    states[i * dim() + j] = (float) random.nextGaussian();
                }
            }
            float[] pooled = java.util.Arrays.copyOf(states, dim());
            return new EncodedText(dim(), states, pooled);
        }

        @Override
        public int dim() {
            return SHAPE.textDim();
        }

        @Override
        public String name() {
            return "words";
        }

        @Override
        public void close() {}
    }

    static Reference reference(Color color, double weight) {
        return new Reference(plain(color), "a thing", weight);
    }

    static BufferedImage plain(Color color) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(color);
        graphics.fillRect(0, 0, SIDE, SIDE);
        graphics.dispose();
        return image;
    }

    static SamplingConfig guided(double ratio) {
        return SamplingConfig.standard(4, new Guidance.Interleaved(2, 2, ratio, Guidance.Interval.full()));
    }

    static int[] draw(BaseStage stage, SamplingConfig sampling, Scene scene) {
        return pixels(stage.draw(List.of(scene), sampling, ProgressListener.NONE)
                .images()
                .getFirst());
    }

    static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    static int largestDifference(int[] a, int[] b) {
        int largest = 0;
        for (int i = 0; i < a.length; i++) {
            for (int shift = 0; shift < 24; shift += 8) {
                largest = Math.max(largest, Math.abs((a[i] >> shift & 255) - (b[i] >> shift & 255)));
            }
        }
        return largest;
    }
}
