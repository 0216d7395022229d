package org.reimagen.train;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.SafeTensors;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.diffusion.Guidance;
import org.reimagen.core.diffusion.Sampling;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.core.diffusion.StepListener;
import org.reimagen.core.model.Conditioning;
import org.reimagen.core.model.NeighborFeatures;
import org.reimagen.core.model.NeighborInput;
import org.reimagen.core.model.TextInput;
import org.reimagen.core.model.UNet;
import org.reimagen.core.tensor.Autocast;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.ContactSheet;
import org.reimagen.pipeline.UNetModel;
import org.reimagen.train.data.GroupBatch;
import org.reimagen.train.data.KnnDataset;

/** Held-out entities: three neighbours, the truth, and what the network draws from the neighbours. */
public final class SampleSheet {
    private static final int CELL = 64;

    private final KnnDataset dataset;
    private final TextEncoder encoder;

    /** Sheets over the held-out entities of {@code dataset}. */
    public SampleSheet(KnnDataset dataset, TextEncoder encoder) {
        this.dataset = dataset;
        this.encoder = encoder;
    }

    /** Eight held-out targets drawn with {@code weights}. */
    public BufferedImage draw(StageConfig stage, Map<String, Tensor> weights) {
        return draw(stage, weights, 8, new Guidance.Interleaved(2, 4, 0.1, Guidance.Interval.full()));
    }

    /** {@code targets} held-out targets drawn by a published model under interleaved guidance. */
    public BufferedImage draw(Path model, int targets, double text, double neighbors, double ratio) {
        try (var _ = new PointerScope()) {
            ModelFolder folder = new ModelFolder(model);
            SafeTensors file = SafeTensors.open(folder.baseWeights());
            Map<String, Tensor> weights = new HashMap<>();
            file.names().forEach(name -> weights.put(name, file.tensor(name)));
            Guidance guidance = new Guidance.Interleaved(text, neighbors, ratio, Guidance.Interval.full());
            return draw(folder.baseConfig(), weights, targets, guidance);
        }
    }

    /** {@code targets} held-out targets, the first of each group, drawn with {@code weights} under {@code guidance}. */
    public BufferedImage draw(StageConfig stage, Map<String, Tensor> weights, int targets, Guidance guidance) {
        try (var _ = new PointerScope();
                var _ = new NoGradGuard();
                var _ = Autocast.bfloat16()) {
            UNet net = new UNet(stage.unet());
            Weights.named(net).forEach((name, p) -> p.detach().copy_(Objects.requireNonNull(weights.get(name))));
            Weights.channelsLast(net);
            GroupBatch batch = dataset.heldOut(1, targets);
            long[] seeds = new long[targets];
            Arrays.setAll(seeds, i -> i);
            Tensor drawn = new Sampling(
                            new UNetModel(net, condition(net, batch, targets)), SamplingConfig.standard(20, guidance))
                    .run(seeds, batch.side(), StepListener.NONE);
            return sheet(batch, Ops.toFloats(drawn), targets);
        }
    }

    private Conditioning condition(UNet net, GroupBatch batch, int targets) {
        int b = batch.size();
        TextInput all = TextBatches.of(encoder, batch.captions(), Collections.nCopies(b, false));
        Tensor pictures = Ops.channelsLast(Ops.floats(batch.pictures(), b, 3, batch.side(), batch.side()));
        NeighborFeatures features = net.encodeNeighbors(pictures, all);
        int k = GroupBatch.GROUP - 1;
        long[] index = new long[targets * k];
        List<String> captions = new ArrayList<>();
        for (int i = 0; i < targets; i++) {
            captions.add(batch.captions().get(i * GroupBatch.GROUP));
            for (int j = 0; j < k; j++) {
                index[i * k + j] = (long) i * GroupBatch.GROUP + j + 1;
            }
        }
        TextInput text = TextBatches.of(encoder, captions, Collections.nCopies(targets, false));
        NeighborInput neighbors = new NeighborInput(
                features, Ops.longs(index, targets, k), Ops.floats(new float[targets * k], targets, k));
        return net.condition(text, neighbors);
    }

    private static BufferedImage sheet(GroupBatch batch, float[] drawn, int targets) {
        List<ContactSheet.Cell> cells = new ArrayList<>();
        for (int i = 0; i < targets; i++) {
            int first = i * GroupBatch.GROUP;
            for (int j = 1; j < GroupBatch.GROUP; j++) {
                cells.add(cell(batch, batch.pictures(), first + j, batch.ids().get(first + j)));
            }
            cells.add(cell(batch, batch.pictures(), first, "truth"));
            cells.add(cell(batch, drawn, i, batch.captions().get(first)));
        }
        return ContactSheet.draw(cells, CELL, 2 * (GroupBatch.GROUP + 1));
    }

    private static ContactSheet.Cell cell(GroupBatch batch, float[] pixels, int row, String title) {
        int each = 3 * batch.side() * batch.side();
        float[] one = Arrays.copyOfRange(pixels, row * each, (row + 1) * each);
        return new ContactSheet.Cell(Pictures.fromChw(one, batch.side(), batch.side()), title, "");
    }
}
