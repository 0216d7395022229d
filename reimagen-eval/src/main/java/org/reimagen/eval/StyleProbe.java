package org.reimagen.eval;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.reimagen.knowledge.Pair;
import org.reimagen.train.data.Background;
import org.reimagen.train.data.Split;

/**
 * Tells the style of a picture from how it is coloured and drawn, not from what it shows: a multinomial logistic regression
 * over two histograms, trained on the true pictures of the training entities.
 *
 * <p>Features of the pixels that are not background: colours in 6×6×6 bins, and grey value against logarithm of the gradient
 * in 8×8 bins, which tells flat areas, soft shading and dark outlines apart. Square roots of shares, so that both have
 * length 1.
 */
final class StyleProbe {
    private static final int COLORS = 6;
    private static final int LEVELS = 8;
    private static final int FEATURES = COLORS * COLORS * COLORS + LEVELS * LEVELS + 1;
    private static final int EPOCHS = 60;
    private static final int BACKGROUND_DISTANCE = 30;

    private final List<String> styles;
    private final float[][] weights;

    private static final class Sample {
        private final float[] features;
        private final int style;

        Sample(float[] features, int style) {
            this.features = features;
            this.style = style;
        }
    }

    private StyleProbe(List<String> styles) {
        this.styles = styles;
        this.weights = new float[styles.size()][FEATURES];
    }

    /** A probe for the styles of these drawings, always the same for the same drawings. */
    static StyleProbe train(Drawings drawings) {
        List<String> styles =
                drawings.pairs().stream().map(Pair::style).distinct().sorted().toList();
        StyleProbe probe = new StyleProbe(styles);
        List<Sample> samples = new ArrayList<>(drawings.pairs().parallelStream()
                .filter(p -> !Split.isHeldOut(p.entity()))
                .map(p -> new Sample(features(drawings.on(Background.WHITE, p)), styles.indexOf(p.style())))
                .toList());
        Random random = new Random(1);
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            Collections.shuffle(samples, random);
            float rate = 2.0f * (EPOCHS - epoch) / EPOCHS;
            samples.forEach(s -> probe.learn(s, rate));
        }
        return probe;
    }

    /** The style that the picture is most likely drawn in. */
    String styleOf(BufferedImage rgb) {
        double[] scores = probabilities(features(rgb));
        int best = 0;
        for (int s = 1; s < scores.length; s++) {
            best = scores[s] > scores[best] ? s : best;
        }
        return styles.get(best);
    }

    private void learn(Sample sample, float rate) {
        double[] p = probabilities(sample.features);
        for (int s = 0; s < p.length; s++) {
            float error = (float) ((s == sample.style ? 1 : 0) - p[s]);
            for (int f = 0; f < FEATURES; f++) {
                weights[s][f] += rate * error * sample.features[f];
            }
        }
    }

    private double[] probabilities(float[] features) {
        double[] p = new double[styles.size()];
        double max = Double.NEGATIVE_INFINITY;
        for (int s = 0; s < p.length; s++) {
            for (int f = 0; f < FEATURES; f++) {
                p[s] += weights[s][f] * features[f];
            }
            max = Math.max(max, p[s]);
        }
        double sum = 0;
        for (int s = 0; s < p.length; s++) {
            p[s] = Math.exp(p[s] - max);
            sum += p[s];
        }
        for (int s = 0; s < p.length; s++) {
            p[s] /= sum;
        }
        return p;
    }

    private static float[] features(BufferedImage image) {
        int side = Descriptor.SIDE;
        int[] rgb = image.getRGB(0, 0, side, side, null, 0, side);
        int background = Corners.color(image);
        float[] features = new float[FEATURES];
        int drawn = 0;
        for (int y = 1; y < side - 1; y++) {
            for (int x = 1; x < side - 1; x++) {
                int at = y * side + x;
                if (Corners.distance(rgb[at], background) > BACKGROUND_DISTANCE) {
                    features[colorBin(rgb[at])]++;
                    features[COLORS * COLORS * COLORS + gradientBin(rgb, at, side)]++;
                    drawn++;
                }
            }
        }
        for (int f = 0; f < FEATURES; f++) {
            features[f] = (float) Math.sqrt(features[f] / Math.max(1, drawn));
        }
        features[FEATURES - 1] = 1;
        return features;
    }

    private static int colorBin(int rgb) {
        int bin = 0;
        for (int c = 0; c < 3; c++) {
            bin = bin * COLORS + ((rgb >> (8 * c)) & 255) * COLORS / 256;
        }
        return bin;
    }

    private static int gradientBin(int[] rgb, int at, int side) {
        double dx = Descriptor.grey(rgb[at + 1]) - Descriptor.grey(rgb[at - 1]);
        double dy = Descriptor.grey(rgb[at + side]) - Descriptor.grey(rgb[at - side]);
        double octaves = Math.log(Math.max(Math.hypot(dx, dy), 1e-4)) / Math.log(2) + LEVELS;
        int level = Math.clamp((int) octaves, 0, LEVELS - 1);
        int grey = Math.min((int) (Descriptor.grey(rgb[at]) * LEVELS), LEVELS - 1);
        return grey * LEVELS + level;
    }
}
