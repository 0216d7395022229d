package org.reimagen.core.diffusion;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.tensor.Ops;

/**
 * Two networks that share the noise levels: a coarse one draws smaller pictures where noise is high, a fine one the rest.
 *
 * <p>The mean of f × f pixels has 1/f of their noise, so that the coarse network meets x_t at an earlier time of its own. Its guess of
 * x_0 is enlarged pixel by pixel; detail that it cannot show is guessed to be 0 and stays noise until the fine network takes
 * over. Both predict v over the cosine schedule. To a sampler and to guidance the two are one network. <b>Source</b>: expert
 * denoisers, arXiv 2211.01324, section 3; noise against resolution, arXiv 2301.11093, section 2.1.
 */
public final class NoiseExperts implements ConditionedModel {
    private final ConditionedModel coarse;
    private final ConditionedModel fine;
    private final int factor;
    private final double from;
    private final NoiseSchedule.Cosine schedule = new NoiseSchedule.Cosine();

    /**
     * Two networks under the same conditions.
     *
     * @param coarse draws pictures whose side is that of {@code fine} divided by {@code factor}
     * @param factor at least 1
     * @param from the earliest time of its own at which the coarse network is asked, in [0,1]
     */
    public NoiseExperts(ConditionedModel coarse, ConditionedModel fine, int factor, double from) {
        this.coarse = coarse;
        this.fine = fine;
        this.factor = factor;
        this.from = from;
    }

    /** The time at which the coarse network meets what the fine one would meet at {@code t}. */
    public static double coarseTime(double t, int factor) {
        NoiseSchedule.Cosine schedule = new NoiseSchedule.Cosine();
        return Math.atan2(schedule.sigma(t) / factor, schedule.alpha(t)) * 2 / Math.PI;
    }

    @Override
    public Tensor predict(Tensor xt, double t, List<List<Conditions>> evaluations) {
        double own = coarseTime(t, factor);
        if (own < from) {
            return fine.predict(xt, t, evaluations);
        }
        double alpha = schedule.alpha(t);
        double sigma = schedule.sigma(t);
        Tensor small = Ops.scale(torch.avg_pool2d(xt, factor, factor), 1 / Math.hypot(alpha, sigma / factor));
        Tensor v = coarse.predict(small, own, evaluations); // [E,B,C,H/f,W/f]
        Tensor x0 = Prediction.V.toX0(v, small, schedule.alpha(own), schedule.sigma(own));
        Tensor large = torch.upsample_nearest2d(x0.flatten(0, 1), xt.size(2), xt.size(3))
                .reshape(v.size(0), xt.size(0), xt.size(1), xt.size(2), xt.size(3));
        return Prediction.V.fromX0(large, xt, alpha, sigma);
    }

    @Override
    public NoiseExperts select(List<Integer> rows) {
        return new NoiseExperts(coarse.select(rows), fine.select(rows), factor, from);
    }
}
