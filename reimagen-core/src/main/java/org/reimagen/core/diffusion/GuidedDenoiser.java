package org.reimagen.core.diffusion;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reimagen.core.tensor.Ops;

/** A network under guidance, thresholded: evaluates each image under the conditions that its own draw asks for. */
final class GuidedDenoiser implements Denoiser {
    private final ConditionedModel model;
    private final SamplingConfig config;
    private final List<Guidance> guidance;
    private final double[] draws;

    /**
     * @param guidance of every image
     * @param draws R of every image at this step
     */
    GuidedDenoiser(ConditionedModel model, SamplingConfig config, List<Guidance> guidance, double[] draws) {
        this.model = model;
        this.config = config;
        this.guidance = guidance;
        this.draws = draws;
    }

    @Override
    public Tensor x0(Tensor xt, double t) {
        List<Guidance.Mix> mixes = new ArrayList<>();
        for (int i = 0; i < draws.length; i++) {
            mixes.add(guidance.get(i).at(t, draws[i]));
        }
        int evaluations = mixes.stream().mapToInt(m -> m.terms().size()).max().orElseThrow();
        List<List<Conditions>> conditions = new ArrayList<>();
        for (int e = 0; e < evaluations; e++) {
            int at = e;
            conditions.add(mixes.stream().map(m -> term(m, at).conditions()).toList());
        }
        Tensor outputs = model.predict(xt, t, conditions); // [E,B,C,H,W]
        Tensor mixed = outputs.mul(weights(mixes, evaluations)).sum(0);
        double alpha = config.schedule().alpha(t);
        double sigma = config.schedule().sigma(t);
        Tensor guided = config.thresholding().apply(config.prediction().toX0(mixed, xt, alpha, sigma));
        if (evaluations == 1 || guidance.stream().allMatch(g -> g.rescale() == 0)) {
            return guided;
        }
        Tensor plain = outputs.select(0, 0); // under all conditions
        return rescaled(guided, config.thresholding().apply(config.prediction().toX0(plain, xt, alpha, sigma)));
    }

    /** {@code guided [B,3,H,W]} with colours as strong as those of {@code plain}, as far as each image's guidance says. */
    private Tensor rescaled(Tensor guided, Tensor plain) {
        float[] shares = new float[draws.length];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = (float) guidance.get(i).rescale();
        }
        Tensor grey = grey(guided);
        Tensor color = guided.sub(grey);
        Tensor ratio = strength(plain.sub(grey(plain)))
                .div(strength(color).clamp_min(Ops.scalar(1e-6)))
                .clamp_max(Ops.scalar(1));
        Tensor share = Ops.floats(shares, shares.length, 1, 1, 1);
        return grey.add(color.mul(torch.lerp(torch.ones_like(ratio), ratio, share)));
    }

    private static Tensor grey(Tensor picture) {
        return picture.mean(new long[] {1}, true, new ScalarTypeOptional());
    }

    private static Tensor strength(Tensor color) {
        return color.square()
                .mean(new long[] {1, 2, 3}, true, new ScalarTypeOptional())
                .sqrt();
    }

    /** The term at {@code e}; an image that needs fewer evaluations than its batch gets one of no weight. */
    private static Guidance.Term term(Guidance.Mix mix, int e) {
        return e < mix.terms().size() ? mix.terms().get(e) : new Guidance.Term(Conditions.BOTH, 0);
    }

    private static Tensor weights(List<Guidance.Mix> mixes, int evaluations) {
        float[] weights = new float[evaluations * mixes.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] =
                    (float) term(mixes.get(i % mixes.size()), i / mixes.size()).weight();
        }
        return Ops.floats(weights, evaluations, mixes.size(), 1, 1, 1);
    }
}
