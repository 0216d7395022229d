package org.reimagen.core.checkpoint;

/** The configuration of one network that is trained by itself: a stage of a cascade, or the dual encoder that measures and finds. */
public sealed interface Stage permits StageConfig, SuperResolutionStageConfig, DualEncoderStageConfig {
    /** Side of the pictures that the network draws or looks at, in pixels. */
    int resolution();
}
