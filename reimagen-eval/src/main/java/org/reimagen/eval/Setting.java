package org.reimagen.eval;

import java.util.Locale;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.diffusion.Guidance;
import org.reimagen.core.diffusion.Sampler;
import org.reimagen.core.diffusion.SamplingConfig;
import org.reimagen.core.diffusion.Thresholding;
import org.reimagen.pipeline.Finish;

/**
 * One way of sampling that is measured.
 *
 * @param knn K, references a target gets at most
 * @param textGuidance w_p
 * @param neighborGuidance w_n
 * @param guidanceRatio η
 * @param guidanceFrom smallest time t at which guidance acts
 * @param guidanceTo largest time t at which guidance acts
 * @param guidanceRescale share of the glare of colours under guidance that is taken back
 * @param steps of the sampler, from noise
 * @param strength share of the noise to start with; below 1 a drawing starts from one of its references, and takes as much fewer steps
 * @param candidates layouts that are begun for a picture, of which the one nearest to what the references share goes on
 * @param finish what is done to a finished drawing
 * @param solver the update rule
 * @param clip thresholding
 */
public record Setting(
        int knn,
        double textGuidance,
        double neighborGuidance,
        double guidanceRatio,
        double guidanceFrom,
        double guidanceTo,
        double guidanceRescale,
        int steps,
        double strength,
        int candidates,
        Finish finish,
        Solver solver,
        Clip clip) {
    /** Update rules that are compared. */
    public enum Solver {
        /** DPM-Solver++(2M). */
        DPM,
        /** DDIM without noise. */
        DDIM,
        /** Ancestral DDPM. */
        DDPM,
        /** EDM's Heun, two evaluations a step. */
        HEUN;

        private Sampler sampler() {
            return switch (this) {
                case DPM -> new Sampler.DpmSolverPlusPlus2M();
                case DDIM -> new Sampler.Ddim(0);
                case DDPM -> new Sampler.Ddpm();
                case HEUN -> new Sampler.EdmHeun();
            };
        }
    }

    /** What keeps x_0 in range. */
    public enum Clip {
        /** Nothing. */
        NONE,
        /** To [-1,1]. */
        STATIC,
        /** To the 99.5 % quantile, scaled back. */
        DYNAMIC;

        private Thresholding thresholding() {
            return switch (this) {
                case NONE -> new Thresholding.None();
                case STATIC -> new Thresholding.Static();
                case DYNAMIC -> new Thresholding.Dynamic(0.995);
            };
        }
    }

    /** @throws ReImagenException naming the field that is out of range */
    public Setting {
        if (knn < 0 || knn > 16) {
            throw new ReImagenException("knn must be 0 to 16, was " + knn);
        }
        if (steps < 1 || steps > 1000) {
            throw new ReImagenException("num_inference_steps must be 1 to 1000, was " + steps);
        }
        if (!(strength > 0 && strength <= 1)) {
            throw new ReImagenException("strength must be above 0 and at most 1, was " + strength);
        }
        if (candidates < 1 || candidates > 32) {
            throw new ReImagenException("candidates must be 1 to 32, was " + candidates);
        }
        if (strength < 1 && knn == 0) {
            throw new ReImagenException("strength below 1 starts from a reference: knn must not be 0");
        }
        if (!(guidanceRatio >= 0 && guidanceRatio <= 1)) {
            throw new ReImagenException("guidance_ratio must be 0 to 1, was " + guidanceRatio);
        }
        if (!(guidanceFrom >= 0 && guidanceFrom <= guidanceTo && guidanceTo <= 1)) {
            throw new ReImagenException("guidance_from and guidance_to must rise within 0 to 1, were %s and %s"
                    .formatted(guidanceFrom, guidanceTo));
        }
        if (!(guidanceRescale >= 0 && guidanceRescale <= 1)) {
            throw new ReImagenException("guidance_rescale must be 0 to 1, was " + guidanceRescale);
        }
    }

    SamplingConfig sampling() {
        Guidance interleaved = new Guidance.Interleaved(
                textGuidance, neighborGuidance, guidanceRatio, new Guidance.Interval(guidanceFrom, guidanceTo));
        return SamplingConfig.standard(steps, new Guidance.Rescaled(interleaved, guidanceRescale))
                .startingAt(strength)
                .withSampler(solver.sampler())
                .withThresholding(clip.thresholding());
    }

    /** The setting in one line, such as {@code K = 4, w_p = 2, w_n = 4, η = 0.1, 20 steps}. */
    public String title() {
        String line = "K = %d, w_p = %.3g, w_n = %.3g, η = %.3g, %d steps %s, clip %s"
                .formatted(
                        knn,
                        textGuidance,
                        neighborGuidance,
                        guidanceRatio,
                        steps,
                        solver.name().toLowerCase(Locale.ROOT),
                        clip.name().toLowerCase(Locale.ROOT));
        String start = strength == 1 ? "" : String.format(Locale.ROOT, ", from a reference at %.3g", strength);
        String begun = candidates == 1 ? "" : ", best of " + candidates + " layouts";
        return line
                + begun
                + String.format(Locale.ROOT, ", guided from t = %.2f to %.2f", guidanceTo, guidanceFrom)
                + (guidanceRescale == 0 ? "" : String.format(Locale.ROOT, ", rescaled by %.3g", guidanceRescale))
                + (finish.smoothing() == 0 ? "" : String.format(Locale.ROOT, ", smoothed by %.3g", finish.smoothing()))
                + (finish.backgroundTolerance() == 0
                        ? ""
                        : String.format(Locale.ROOT, ", backgrounds even within %.3g", finish.backgroundTolerance()))
                + start;
    }
}
