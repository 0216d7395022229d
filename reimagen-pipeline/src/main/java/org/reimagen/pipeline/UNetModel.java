package org.reimagen.pipeline;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.reimagen.core.diffusion.ConditionedModel;
import org.reimagen.core.diffusion.Conditions;
import org.reimagen.core.model.Conditioning;
import org.reimagen.core.model.UNet;
import org.reimagen.core.tensor.Ops;

/** The network with its conditioning, evaluated under several conditions in one batch. */
public final class UNetModel implements ConditionedModel {
    private static final int MAX_EVALUATIONS = 3;

    private final UNet net;
    private final Map<Integer, Conditioning> tiled = new HashMap<>();

    /**
     * A network that draws under one conditioning.
     *
     * @param conditioning of the B pictures; lives as long as this model. <b>Owns</b>: the innermost open scope
     */
    public UNetModel(UNet net, Conditioning conditioning) {
        this.net = net;
        for (int e = 1; e <= MAX_EVALUATIONS; e++) {
            tiled.put(e, conditioning.tile(e));
        }
    }

    @Override
    public Tensor predict(Tensor xt, double t, List<List<Conditions>> evaluations) {
        int e = evaluations.size();
        long rows = e * xt.size(0);
        Conditioning conditioning = Objects.requireNonNull(tiled.get(e))
                .keeping(flags(evaluations, true, rows), flags(evaluations, false, rows));
        Tensor tiledXt = Ops.channelsLast(xt.repeat(e, 1, 1, 1));
        Tensor times = Ops.scale(torch.ones(rows), t);
        Tensor out = net.forward(tiledXt, times, conditioning).to(ScalarType.Float);
        return out.contiguous().reshape(e, xt.size(0), xt.size(1), xt.size(2), xt.size(3));
    }

    private static Tensor flags(List<List<Conditions>> evaluations, boolean text, long rows) {
        boolean[] flags = new boolean[Math.toIntExact(rows)];
        int at = 0;
        for (List<Conditions> evaluation : evaluations) {
            for (Conditions conditions : evaluation) {
                flags[at++] = text ? conditions.text() : conditions.neighbors();
            }
        }
        return Ops.booleans(flags, rows);
    }
}
