package org.reimagen.train;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.core.checkpoint.Weights;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.core.model.UNet;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.pipeline.BaseStage;
import org.reimagen.pipeline.ContactSheet;
import org.reimagen.pipeline.GenerationRequest.GuidanceWeights;
import org.reimagen.pipeline.ProgressListener;
import org.reimagen.train.data.GroupBatch;
import org.reimagen.train.data.KnnDataset;

/** Held-out entities: three neighbours, the truth, and what the network draws from the neighbours. */
public final class SampleSheet {
    private static final int CELL = 64;
    private static final int STEPS = 20;

    private final KnnDataset dataset;
    private final TextEncoder encoder;

    /** Sheets over the held-out entities of {@code dataset}. */
    public SampleSheet(KnnDataset dataset, TextEncoder encoder) {
        this.dataset = dataset;
        this.encoder = encoder;
    }

    /** {@code targets} held-out targets drawn by a published model under interleaved guidance. */
    public BufferedImage draw(Path model, int targets, double text, double neighbors, double ratio) {
        try (var _ = new PointerScope();
                BaseStage drawing = BaseStage.load(new ModelFolder(model), encoder)) {
            GuidanceWeights usual = GuidanceWeights.DEFAULT;
            GuidanceWeights weights = new GuidanceWeights(text, neighbors, ratio, usual.from(), usual.rescale());
            return draw(drawing, targets, SamplingConfig.standard(STEPS, weights.guidance()));
        }
    }

    /** Eight held-out targets drawn with {@code weights}, as far as the network draws alone. */
    public BufferedImage draw(StageConfig stage, Map<String, Tensor> weights) {
        try (var _ = new PointerScope()) {
            UNet net = new UNet(stage.unet());
            try (var _ = new NoGradGuard()) {
                Weights.named(net).forEach((name, p) -> p.detach().copy_(Objects.requireNonNull(weights.get(name))));
            }
            SamplingConfig sampling = SamplingConfig.standard(STEPS, GuidanceWeights.DEFAULT.guidance());
            try (BaseStage drawing = new BaseStage(net, stage, encoder)) {
                return draw(drawing, 8, sampling.downTo(stage.fromTime()));
            }
        }
    }

    /** The first of each of {@code targets} held-out groups, drawn from the others. */
    private BufferedImage draw(BaseStage drawing, int targets, SamplingConfig sampling) {
        GroupBatch batch = dataset.heldOut(1, targets);
        List<BaseStage.Scene> scenes = new ArrayList<>();
        for (int i = 0; i < targets; i++) {
            int first = i * GroupBatch.GROUP;
            List<BaseStage.Reference> references = new ArrayList<>();
            for (int j = first + 1; j < first + GroupBatch.GROUP; j++) {
                references.add(new BaseStage.Reference(
                        sized(picture(batch, j), drawing.resolution()),
                        batch.captions().get(j)));
            }
            scenes.add(new BaseStage.Scene(batch.captions().get(first), references, i));
        }
        return sheet(batch, drawing.draw(scenes, sampling, ProgressListener.NONE));
    }

    private static BufferedImage sized(BufferedImage picture, int side) {
        return picture.getWidth() == side ? picture : Pictures.on(Color.WHITE, Pictures.fit(picture, side));
    }

    private static BufferedImage sheet(GroupBatch batch, BaseStage.Drawn drawn) {
        List<ContactSheet.Cell> cells = new ArrayList<>();
        for (int i = 0; i < drawn.images().size(); i++) {
            int first = i * GroupBatch.GROUP;
            for (int j = first + 1; j < first + GroupBatch.GROUP; j++) {
                cells.add(new ContactSheet.Cell(picture(batch, j), batch.ids().get(j), ""));
            }
            cells.add(new ContactSheet.Cell(picture(batch, first), "truth", ""));
            cells.add(new ContactSheet.Cell(
                    drawn.images().get(i), batch.captions().get(first), ""));
        }
        return ContactSheet.draw(cells, CELL, 2 * (GroupBatch.GROUP + 1));
    }

    private static BufferedImage picture(GroupBatch batch, int row) {
        int each = 3 * batch.side() * batch.side();
        float[] one = Arrays.copyOfRange(batch.pictures(), row * each, (row + 1) * each);
        return Pictures.fromChw(one, batch.side(), batch.side());
    }
}
