package org.reimagen.train;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.checkpoint.DualEncoderFolder;
import org.reimagen.core.checkpoint.DualEncoderStageConfig;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.SafeTensors;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.DualEncoder;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.ContactSheet;
import org.reimagen.train.data.ViewBatch;
import org.reimagen.train.data.ViewDataset;

/**
 * The dual encoder: which picture belongs to which text, and which two pictures show one thing.
 *
 * <p>The loss is the mean of three symmetric cross entropies over B different entities: of first pictures with their texts, of second
 * pictures with theirs, and of first with second pictures. <b>Source</b>: CLIP, arXiv 2103.00020, figure 3; the third term is SimCLR's
 * (arXiv 2002.05709) with two drawings of one thing for two views, so that pictures find pictures.
 */
public final class DualEncoderTraining implements StageTraining {
    private static final int SHEET_ROWS = 8;
    private static final int SHEET_FOUND = 5;

    private final DualEncoderStageConfig stage;
    private final TrainingConfig.Data data;
    private final ViewDataset dataset;
    private final PooledTexts texts;
    private final DualEncoder net;

    /** Fresh weights by the seed of {@code data}; its batch size counts pictures, two of every entity. */
    public DualEncoderTraining(
            DualEncoderStageConfig stage, TrainingConfig.Data data, ViewDataset dataset, TextEncoder encoder) {
        this.stage = stage;
        this.data = data;
        this.dataset = dataset;
        this.texts = new PooledTexts(encoder);
        torch.manual_seed(data.seed());
        this.net = new DualEncoder(stage.dualEncoder());
        Weights.channelsLast(net);
    }

    @Override
    public Module network() {
        return net;
    }

    @Override
    public void startFrom(ModelFolder model) {
        try (var _ = new NoGradGuard()) {
            Weights.load(net, SafeTensors.open(new DualEncoderFolder(model.folder()).weights()));
        }
    }

    @Override
    public Batch deal(long step) {
        int entities = data.batchSize() / ViewBatch.VIEWS;
        ViewBatch batch = dataset.batch(data.seed(), step, entities, stage.resolution());
        float[] pooled = texts.of(batch.captions());
        return new Batch() {
            @Override
            public List<String> ids() {
                return batch.ids();
            }

            @Override
            public List<Supplier<Tensor>> losses(int most) {
                return List.of(() -> lossOf(batch, pooled)); // every pair is held against all others
            }
        };
    }

    private Tensor lossOf(ViewBatch batch, float[] pooled) {
        int count = batch.ids().size();
        Tensor x = Ops.floats(batch.pictures(), count, 3, batch.side(), batch.side());
        return loss(net, x, Ops.floats(pooled, count, stage.dualEncoder().textDim()));
    }

    /**
     * The loss over all first views and then all second ones, in one order.
     *
     * <p><b>Shape</b> {@code x [2B,3,H,W] in [-1,1], pooled [2B,T] -> []}.
     */
    static Tensor loss(DualEncoder net, Tensor x, Tensor pooled) {
        long b = x.size(0) / ViewBatch.VIEWS;
        Tensor pictures = net.picture(x); // [2B,D]
        Tensor words = net.text(pooled); // [2B,D]
        Tensor first = symmetric(net.logits(pictures.narrow(0, 0, b), words.narrow(0, 0, b)));
        Tensor second = symmetric(net.logits(pictures.narrow(0, b, b), words.narrow(0, b, b)));
        Tensor alike = symmetric(net.logits(pictures.narrow(0, 0, b), pictures.narrow(0, b, b)));
        return Ops.scale(first.add(second).add(alike), 1 / 3.0);
    }

    /** Mean cross entropy of finding a row's own column and a column's own row in {@code logits [B,B]}. */
    private static Tensor symmetric(Tensor logits) {
        Tensor own = torch.diagonal(logits);
        Tensor rows = torch.logsumexp(logits, 1).sub(own).mean();
        Tensor columns = torch.logsumexp(logits, 0).sub(own).mean();
        return Ops.scale(rows.add(columns), 0.5);
    }

    /** Held-out entities by name, each with the held-out pictures that come nearest. */
    @Override
    public BufferedImage samples(Map<String, Tensor> averages) {
        ViewBatch batch = dataset.heldOut(stage.resolution());
        List<String> names =
                batch.captions().stream().distinct().limit(SHEET_ROWS).toList();
        List<ContactSheet.Cell> cells = new ArrayList<>();
        if (!names.isEmpty()) {
            float[] cosines = cosines(averages, batch, names);
            int n = batch.ids().size();
            for (int i = 0; i < names.size(); i++) {
                int row = i * n;
                IntStream.range(0, n)
                        .boxed()
                        .sorted(Comparator.comparingDouble(j -> -cosines[row + j]))
                        .limit(SHEET_FOUND)
                        .map(j -> cell(batch, j, names.get(row / n)))
                        .forEach(cells::add);
            }
        }
        return ContactSheet.draw(cells, batch.side(), SHEET_FOUND);
    }

    private float[] cosines(Map<String, Tensor> averages, ViewBatch batch, List<String> names) {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard()) {
            DualEncoder averaged = new DualEncoder(stage.dualEncoder());
            Weights.named(averaged).forEach((name, p) -> p.detach().copy_(Objects.requireNonNull(averages.get(name))));
            int side = batch.side();
            Tensor x = Ops.floats(batch.pictures(), batch.ids().size(), 3, side, side);
            Tensor words = averaged.text(Ops.floats(
                    texts.of(names), names.size(), stage.dualEncoder().textDim()));
            return Ops.toFloats(words.matmul(averaged.picture(x).t()));
        }
    }

    private static ContactSheet.Cell cell(ViewBatch batch, int row, String asked) {
        int each = 3 * batch.side() * batch.side();
        float[] one = Arrays.copyOfRange(batch.pictures(), row * each, (row + 1) * each);
        return new ContactSheet.Cell(
                Pictures.fromChw(one, batch.side(), batch.side()),
                asked,
                batch.ids().get(row));
    }

    @Override
    public void publish(Path folder, Map<String, Tensor> averages, Map<String, String> metadata) {
        new DualEncoderFolder(folder).write(stage, averages, metadata);
    }
}
