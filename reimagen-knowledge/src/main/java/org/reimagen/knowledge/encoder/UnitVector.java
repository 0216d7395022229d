package org.reimagen.knowledge.encoder;

import java.util.Arrays;

/** Scaling to length 1. */
final class UnitVector {
    private UnitVector() {}

    /** A copy of length 1; of a zero vector, the one whose components are all equal. */
    static float[] of(float[] vector) {
        double sum = 0;
        for (float x : vector) {
            sum += (double) x * x;
        }
        float[] unit = new float[vector.length];
        if (sum == 0) {
            Arrays.fill(unit, (float) (1 / Math.sqrt(vector.length)));
            return unit;
        }
        for (int i = 0; i < vector.length; i++) {
            unit[i] = (float) (vector[i] / Math.sqrt(sum));
        }
        return unit;
    }
}
