package org.reimagen.eval.clip;

/** Likeness of vectors of length 1. */
public final class Cosine {
    private Cosine() {}

    /** Dot product, in [-1,1] for vectors of length 1 and of one length. */
    public static double of(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
