package org.reimagen.train;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.SafeTensors;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.model.UNet;
import org.reimagen.core.tensor.Ops;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.train.data.GroupBatch;
import org.reimagen.train.data.KnnDataset;

/**
 * The first stage, or the layout network beside it: groups of pictures that are each other's neighbours, half the resolution for the
 * first steps.
 */
public final class BaseTraining implements StageTraining {
    private final StageConfig stage;
    private final TrainingConfig.Data data;
    private final KnnDataset dataset;
    private final TextEncoder encoder;
    private final UNet net;
    private final VLoss loss;

    /** Fresh weights by the seed of {@code data}. */
    public BaseTraining(StageConfig stage, TrainingConfig.Data data, KnnDataset dataset, TextEncoder encoder) {
        this.stage = stage;
        this.data = data;
        this.dataset = dataset;
        this.encoder = encoder;
        org.bytedeco.pytorch.global.torch.manual_seed(data.seed());
        this.net = new UNet(stage.unet());
        Weights.channelsLast(net);
        this.loss = new VLoss(net, encoder, data, stage.fromTime());
    }

    @Override
    public Module network() {
        return net;
    }

    @Override
    public void startFrom(ModelFolder model) {
        try (var _ = new NoGradGuard()) {
            boolean layout = isLayout() && model.layoutConfig().isPresent();
            Path weights = layout ? model.weights(ModelFolder.LAYOUT) : model.baseWeights();
            Weights.load(net, SafeTensors.open(weights), UNet.MAY_LACK);
        }
    }

    /** Whether it is the network for high noise, which starts from the base's weights where the model has none for it. */
    private boolean isLayout() {
        return stage.fromTime() > 0;
    }

    @Override
    public Batch deal(long step) {
        int side = stage.resolution() / (step < data.smallSteps() ? 2 : 1);
        GroupBatch batch = dataset.batch(data.seed(), step, data.batchSize() / GroupBatch.GROUP, side);
        VLoss.Prepared prepared = loss.prepare(batch, step);
        return new Batch() {
            @Override
            public List<String> ids() {
                return batch.ids();
            }

            @Override
            public List<Supplier<Tensor>> losses(int most) {
                return prepared.parts(most).stream()
                        .<Supplier<Tensor>>map(part -> () -> Ops.scale(loss.of(part), part.share(prepared)))
                        .toList();
            }
        };
    }

    @Override
    public BufferedImage samples(Map<String, Tensor> averages) {
        return new SampleSheet(dataset, encoder).draw(stage, averages);
    }

    @Override
    public void publish(Path folder, Map<String, Tensor> averages, Map<String, String> metadata) {
        ModelFolder model = new ModelFolder(folder);
        if (isLayout()) {
            model.writeLayout(stage, averages, metadata);
        } else {
            model.writeBase(stage, averages, metadata);
        }
    }
}
