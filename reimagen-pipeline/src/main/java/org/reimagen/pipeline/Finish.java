package org.reimagen.pipeline;

import org.reimagen.core.ReImagenException;

/**
 * What is done to a finished drawing of the first stage, before it is enlarged.
 *
 * @param smoothing {@code smoothing}, λ: areas that are nearly flat are made flat, edges stay ({@link L0Smoothing}); 0 to 0.1 for colours in
 *     [0,1], 0 leaves the drawing as it is
 * @param backgroundTolerance {@code background_tolerance}: a plain background is made one colour, the one that the prompt asks for if its
 *     border's is near to it, where it differs from the border by no more than this share of the range of a colour, 0 to 0.5; 0 leaves it as
 *     drawn ({@link PlainBackground})
 */
public record Finish(double smoothing, double backgroundTolerance) {
    /** As drawn. */
    public static final Finish NONE = new Finish(0, 0);

    /**
     * Leaves as many faint differences as true pictures of the default base have; blotches and halos of backgrounds are mostly fainter than the
     * tolerance, the shading of a white thing is not.
     */
    public static final Finish DEFAULT = new Finish(0.003, 0.06);

    /** @throws ReImagenException naming the field that is out of range */
    public Finish {
        require("smoothing", smoothing, 0.1);
        require("background_tolerance", backgroundTolerance, 0.5);
    }

    private static void require(String field, double value, double most) {
        if (!(value >= 0 && value <= most)) {
            throw new ReImagenException(field + " must be 0 to " + most + ", was " + value);
        }
    }
}
