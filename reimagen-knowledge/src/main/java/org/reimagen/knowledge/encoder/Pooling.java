package org.reimagen.knowledge.encoder;

/** How token states become one. */
enum Pooling {
    /** The first token's state, of length 1; what bge was trained for. */
    CLS {
        @Override
        float[] pool(float[] states, int dim) {
            float[] pooled = java.util.Arrays.copyOf(states, dim);
            double norm = 0;
            for (float x : pooled) {
                norm += (double) x * x;
            }
            for (int i = 0; i < dim; i++) {
                pooled[i] = (float) (pooled[i] / Math.sqrt(norm));
            }
            return pooled;
        }
    },
    /** The mean of all states; for T5 and others. */
    MEAN {
        @Override
        float[] pool(float[] states, int dim) {
            float[] pooled = new float[dim];
            int tokens = states.length / dim;
            for (int i = 0; i < states.length; i++) {
                pooled[i % dim] += states[i] / tokens;
            }
            return pooled;
        }
    };

    abstract float[] pool(float[] states, int dim);
}
