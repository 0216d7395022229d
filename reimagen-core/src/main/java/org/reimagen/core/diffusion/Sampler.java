package org.reimagen.core.diffusion;

import static org.reimagen.core.tensor.Ops.scale;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One step of the way from noise to picture. <b>Thread-safety</b>: immutable.
 *
 * <p>Every sampler is an update from x_t at {@code t} to x at {@code tNext}, given the denoiser.
 */
public sealed interface Sampler {
    /** The next x and the x_0 it was made from. */
    Result step(Step step, NoiseSchedule schedule, Denoiser denoiser, Noise noise);

    /**
     * Where a step stands.
     *
     * @param xt {@code [B,C,H,W]}
     * @param t time of {@code xt}
     * @param tNext time to go to, smaller; 0 at the last step
     * @param x0Previous the previous step's x_0, null at the first
     * @param tPrevious the previous step's time, NaN at the first
     */
    record Step(Tensor xt, double t, double tNext, @Nullable Tensor x0Previous, double tPrevious) {}

    /** The next x and the x_0 it was made from, both {@code [B,C,H,W]}. */
    record Result(Tensor x, Tensor x0) {}

    /** Ancestral sampling; equals {@link Ddim} with eta 1. <b>Source</b>: arXiv 2006.11239. */
    record Ddpm() implements Sampler {
        @Override
        public Result step(Step step, NoiseSchedule schedule, Denoiser denoiser, Noise noise) {
            return new Ddim(1).step(step, schedule, denoiser, noise);
        }
    }

    /**
     * x = α'·x_0 + √(σ'² − s²)·ε + s·z with s = η·(σ'/σ)·√(1 − α²/α'²). <b>Source</b>: arXiv 2010.02502, equation 12.
     *
     * @param eta 0 is deterministic, 1 is ancestral
     */
    record Ddim(double eta) implements Sampler {
        @Override
        public Result step(Step step, NoiseSchedule schedule, Denoiser denoiser, Noise noise) {
            double alpha = schedule.alpha(step.t);
            double sigma = schedule.sigma(step.t);
            double alphaNext = schedule.alpha(step.tNext);
            double sigmaNext = schedule.sigma(step.tNext);
            Tensor x0 = denoiser.x0(step.xt, step.t);
            Tensor eps = Prediction.EPS.fromX0(x0, step.xt, alpha, sigma);
            double s = eta * sigmaNext / sigma * Math.sqrt(Math.max(0, 1 - alpha * alpha / (alphaNext * alphaNext)));
            double direction = Math.sqrt(Math.max(0, sigmaNext * sigmaNext - s * s));
            Tensor x = scale(x0, alphaNext).add(scale(eps, direction));
            return new Result(s == 0 ? x : x.add(scale(noiseLike(x, noise), s)), x0);
        }

        private static Tensor noiseLike(Tensor x, Noise noise) {
            return noise.normal((int) x.size(1), (int) x.size(2), (int) x.size(3));
        }
    }

    /**
     * Second-order multistep solver in log-SNR; one evaluation a step, first order at both ends.
     *
     * <p>With λ = log(α/σ), h = λ' − λ, r = (λ − λ_prev)/h: D = x_0 + (x_0 − x_0prev)/(2r) and x = (σ'/σ)·x_t − α'(e^−h −
     * 1)·D. <b>Source</b>: arXiv 2211.01095, algorithm 2.
     */
    record DpmSolverPlusPlus2M() implements Sampler {
        @Override
        public Result step(Step step, NoiseSchedule schedule, Denoiser denoiser, Noise noise) {
            Tensor x0 = denoiser.x0(step.xt, step.t);
            double alphaNext = schedule.alpha(step.tNext);
            double sigmaNext = schedule.sigma(step.tNext);
            if (sigmaNext == 0) {
                return new Result(scale(x0, alphaNext), x0);
            }
            double lambda = schedule.logSnr(step.t) / 2;
            double h = schedule.logSnr(step.tNext) / 2 - lambda;
            Tensor d = x0;
            if (step.x0Previous != null) {
                double r = (lambda - schedule.logSnr(step.tPrevious) / 2) / h;
                d = x0.add(scale(x0.sub(step.x0Previous), 1 / (2 * r)));
            }
            double ratio = sigmaNext / schedule.sigma(step.t);
            return new Result(scale(step.xt, ratio).sub(scale(d, alphaNext * Math.expm1(-h))), x0);
        }
    }

    /**
     * Heun's second-order step for dx̃ = (x̃ − x_0)/σ̃ dσ̃ with x̃ = x/α, σ̃ = σ/α; two evaluations, one at the last step.
     *
     * <p><b>Source</b>: arXiv 2206.00364, algorithm 1 without churn.
     */
    record EdmHeun() implements Sampler {
        @Override
        public Result step(Step step, NoiseSchedule schedule, Denoiser denoiser, Noise noise) {
            double alpha = schedule.alpha(step.t);
            double alphaNext = schedule.alpha(step.tNext);
            double s = schedule.sigma(step.t) / alpha;
            double sNext = schedule.sigma(step.tNext) / alphaNext;
            Tensor start = scale(step.xt, 1 / alpha);
            Tensor x0 = denoiser.x0(step.xt, step.t);
            Tensor slope = scale(start.sub(x0), 1 / s);
            Tensor euler = start.add(scale(slope, sNext - s));
            if (sNext == 0) {
                return new Result(scale(euler, alphaNext), x0);
            }
            Tensor corrected = denoiser.x0(scale(euler, alphaNext), step.tNext);
            Tensor slopeNext = scale(euler.sub(corrected), 1 / sNext);
            Tensor x = start.add(scale(slope.add(slopeNext), (sNext - s) / 2));
            return new Result(scale(x, alphaNext), corrected);
        }
    }
}
