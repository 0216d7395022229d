package org.reimagen.core.checkpoint;

/** The configuration of one stage of a cascade, whichever it is. */
public sealed interface Stage permits StageConfig, SuperResolutionStageConfig {
    /** Side of the pictures that the stage draws, in pixels. */
    int resolution();
}
