package org.reimagen.train;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.SafeTensors;
import org.reimagen.core.checkpoint.SuperResolutionStageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.ConditionsConfig;
import org.reimagen.core.model.SuperResolutionUNet;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.encoder.EncodedText;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.ContactSheet;
import org.reimagen.pipeline.ProgressListener;
import org.reimagen.pipeline.SuperResolutionStage;
import org.reimagen.train.data.CropBatch;
import org.reimagen.train.data.CropDataset;
import org.reimagen.train.data.GuidedCrops;

/**
 * A super-resolution stage: crops, their small versions noised to a random level, and what the stage reads beside them. The loss
 * weighs every noise level by 1/c_out², as EDM does.
 *
 * <p><b>Source</b>: noise conditioning augmentation, Imagen, arXiv 2205.11487, section 2.4; the level is 0.5·u².
 */
public final class SuperResolutionTraining implements StageTraining {
    private static final double LARGEST_LEVEL = 0.5;
    private static final double SMALLEST_TIME = 0.01;
    private static final int SHEET = 8;

    private final SuperResolutionStageConfig stage;
    private final TrainingConfig.Data data;
    private final CropDataset dataset;
    private final int side;
    private final SuperResolutionUNet net;
    private final TextEncoder encoder;

    /**
     * Fresh weights by the seed of {@code data}.
     *
     * @param side of the crops that are learned from, in pixels
     * @param encoder reads captions where the stage does, stays the caller's
     */
    public SuperResolutionTraining(
            SuperResolutionStageConfig stage,
            TrainingConfig.Data data,
            CropDataset dataset,
            int side,
            TextEncoder encoder) {
        if (dataset.resolution() != stage.resolution()) {
            throw new ReImagenException("the crops are of %d pixels' pictures, the stage draws %d"
                    .formatted(dataset.resolution(), stage.resolution()));
        }
        ConditionsConfig reads = stage.network().conditions();
        if (reads != null && reads.neighbors() > 0 && dataset.size() != reads.neighborResolution()) {
            throw new ReImagenException("the stage reads whole neighbours of %d pixels, the crops have %d"
                    .formatted(reads.neighborResolution(), dataset.size()));
        }
        this.encoder = encoder;
        this.stage = stage;
        this.data = data;
        this.dataset = dataset;
        this.side = side;
        org.bytedeco.pytorch.global.torch.manual_seed(data.seed());
        this.net = new SuperResolutionUNet(stage.network());
        Weights.channelsLast(net);
    }

    private int factor() {
        return stage.resolution() / stage.lowResolution();
    }

    @Override
    public Module network() {
        return net;
    }

    @Override
    public void startFrom(ModelFolder model) {
        try (var _ = new NoGradGuard()) {
            Weights.load(net, SafeTensors.open(model.weights(stage.folder())), SuperResolutionUNet.READERS);
        }
    }

    @Override
    public Batch deal(long step) {
        ConditionsConfig reads = stage.network().conditions();
        if (reads == null) {
            return batch(dataset.batch(data.seed(), step, data.batchSize(), side, factor()), null, step);
        }
        GuidedCrops guided = dataset.guided(data.seed(), step, data.batchSize(), side, factor(), reads.neighbors());
        List<EncodedText> texts =
                guided.captions().stream().map(encoder::encode).toList();
        return batch(guided.crops(), new GuidedReading(guided, texts, encoder.dim()), step);
    }

    private Batch batch(CropBatch batch, @Nullable GuidedReading reading, long step) {
        Drawn drawn = draw(batch, step);
        return new Batch() {
            @Override
            public List<String> ids() {
                return batch.ids();
            }

            @Override
            public List<Supplier<Tensor>> losses(int most) {
                return reading == null
                        ? parts(batch, drawn, most)
                        : List.of(() -> lossOf(batch, reading, drawn)); // pictures are read across the batch
            }
        };
    }

    private List<Supplier<Tensor>> parts(CropBatch batch, Drawn drawn, int most) {
        int b = batch.ids().size();
        int count = Math.min(most, b);
        List<Supplier<Tensor>> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int from = i * b / count;
            int to = (i + 1) * b / count;
            parts.add(() ->
                    Ops.scale(lossOf(batch.part(from, to), null, drawn.part(from, to)), (double) (to - from) / b));
        }
        return parts;
    }

    /** The random numbers of one step, on the heap. */
    private static final class Drawn {
        final float[] times; // [B]
        final float[] levels; // [B] noise levels of the small pictures
        final float[] smallNoise; // [B,3,h,w]
        final float[] noise; // [B,3,H,W]

        Drawn(float[] times, float[] levels, float[] smallNoise, float[] noise) {
            this.times = times;
            this.levels = levels;
            this.smallNoise = smallNoise;
            this.noise = noise;
        }

        Drawn part(int from, int to) {
            int small = smallNoise.length / times.length;
            int large = noise.length / times.length;
            return new Drawn(
                    Arrays.copyOfRange(times, from, to),
                    Arrays.copyOfRange(levels, from, to),
                    Arrays.copyOfRange(smallNoise, from * small, to * small),
                    Arrays.copyOfRange(noise, from * large, to * large));
        }
    }

    private Drawn draw(CropBatch batch, long step) {
        RandomGenerator random =
                RandomGeneratorFactory.of("L64X128MixRandom").create(data.seed() * 0x9E3779B97F4A7C15L + ~step);
        float[] times = Draws.times(random, batch.ids().size());
        float[] levels = new float[times.length];
        for (int i = 0; i < levels.length; i++) {
            double u = random.nextDouble();
            levels[i] = (float) (LARGEST_LEVEL * u * u);
        }
        float[] smallNoise = Draws.normal(random, batch.small().length);
        return new Drawn(times, levels, smallNoise, Draws.normal(random, batch.large().length));
    }

    private Tensor lossOf(CropBatch batch, @Nullable GuidedReading reading, Drawn drawn) {
        int b = batch.ids().size();
        Tensor x0 = Ops.channelsLast(Ops.floats(batch.large(), b, 3, batch.side(), batch.side()));
        Tensor small = Ops.floats(batch.small(), b, 3, batch.smallSide(), batch.smallSide());
        Tensor t = Ops.floats(drawn.times, b)
                .square()
                .clamp_min(Ops.scalar(SMALLEST_TIME)); // what matters lies at low noise
        Tensor level = Ops.floats(drawn.levels, b);
        Tensor tilt = Ops.scale(level, Math.PI / 2).reshape(b, 1, 1, 1);
        Tensor noisy = tilt.cos().mul(small).add(tilt.sin().mul(Ops.floats(drawn.smallNoise, small.shape())));
        Tensor low = Ops.channelsLast(SuperResolutionUNet.enlarge(noisy, batch.side()));
        Tensor angle = Ops.scale(t, Math.PI / 2).reshape(b, 1, 1, 1);
        Tensor noise = Ops.channelsLast(Ops.floats(drawn.noise, x0.shape()));
        Tensor xt = angle.cos().mul(x0).add(angle.sin().mul(noise));
        return net.forward(
                        xt,
                        t,
                        low,
                        level,
                        reading == null ? null : reading.of(net, factor()),
                        reading == null ? null : reading.places())
                .sub(x0)
                .div(net.outputScale(t, level))
                .square()
                .mean();
    }

    /** Without text and neighbours, which a stage can do without. */
    @Override
    public BufferedImage samples(Map<String, Tensor> averages) {
        CropBatch batch = dataset.heldOut(SHEET, factor());
        try (var _ = new PointerScope()) {
            SuperResolutionUNet averaged = new SuperResolutionUNet(stage.network());
            try (var _ = new NoGradGuard()) {
                Weights.named(averaged)
                        .forEach((name, p) -> p.detach().copy_(Objects.requireNonNull(averages.get(name))));
            }
            List<ContactSheet.Cell> cells = new ArrayList<>();
            try (SuperResolutionStage drawing = new SuperResolutionStage(averaged, stage)) {
                for (int i = 0; i < batch.ids().size(); i++) {
                    BufferedImage small = picture(batch.small(), i, batch.smallSide());
                    BufferedImage drawn =
                            drawing.enlarge(small, i, new SuperResolutionStage.Options(4, 0), ProgressListener.NONE);
                    cells.add(new ContactSheet.Cell(small, "small", batch.ids().get(i)));
                    cells.add(new ContactSheet.Cell(drawn, "drawn", ""));
                    cells.add(new ContactSheet.Cell(picture(batch.large(), i, batch.side()), "truth", ""));
                }
            }
            return ContactSheet.draw(cells, batch.side(), 6);
        }
    }

    private static BufferedImage picture(float[] pixels, int row, int side) {
        int each = 3 * side * side;
        return Pictures.fromChw(Arrays.copyOfRange(pixels, row * each, (row + 1) * each), side, side);
    }

    @Override
    public void publish(Path folder, Map<String, Tensor> averages, Map<String, String> metadata) {
        new ModelFolder(folder).writeSuperResolution(stage, averages, metadata);
    }
}
