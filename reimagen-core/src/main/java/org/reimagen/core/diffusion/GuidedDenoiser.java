package org.reimagen.core.diffusion;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
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
        return config.thresholding().apply(config.prediction().toX0(mixed, xt, alpha, sigma));
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
