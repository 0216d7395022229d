package org.reimagen.pipeline;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.diffusion.ConditionedModel;
import org.reimagen.core.diffusion.Conditions;
import org.reimagen.core.model.SuperResolutionConditioning;
import org.reimagen.core.model.SuperResolutionUNet;
import org.reimagen.core.tensor.Ops;

/**
 * A super-resolution network with the picture that it enlarges, evaluated under several conditions in one batch.
 *
 * @param low {@code [1,3,H,W]} the small picture, noised to {@code level}, then enlarged
 * @param conditioning of the one picture, null for a network that reads nothing
 */
record SuperResolutionModel(
        SuperResolutionUNet net,
        Tensor low,
        double level,
        @Nullable SuperResolutionConditioning conditioning) implements ConditionedModel {
    @Override
    public Tensor predict(Tensor xt, double t, List<List<Conditions>> evaluations) {
        int e = evaluations.size();
        Tensor x0 = net.forward(
                Ops.channelsLast(xt.repeat(e, 1, 1, 1)),
                Ops.scale(torch.ones(e), t),
                Ops.channelsLast(low.repeat(e, 1, 1, 1)),
                Ops.scale(torch.ones(e), level),
                conditioning == null ? null : under(conditioning, evaluations),
                null);
        return x0.unsqueeze(1); // [E,1,3,H,W]
    }

    private static SuperResolutionConditioning under(
            SuperResolutionConditioning all, List<List<Conditions>> evaluations) {
        int e = evaluations.size();
        boolean[] text = new boolean[e];
        boolean[] neighbors = new boolean[e];
        for (int i = 0; i < e; i++) {
            Conditions conditions = evaluations.get(i).getFirst();
            text[i] = conditions.text();
            neighbors[i] = conditions.neighbors();
        }
        return all.tile(e).keeping(Ops.booleans(text, e), Ops.booleans(neighbors, e));
    }
}
