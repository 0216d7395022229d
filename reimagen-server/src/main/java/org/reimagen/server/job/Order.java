package org.reimagen.server.job;

import com.fasterxml.jackson.databind.JsonNode;
import org.reimagen.pipeline.GenerationRequest;

/**
 * A drawing that is wanted.
 *
 * @param request for the pipeline
 * @param settings what a page needs to ask for the same again; kept in the gallery
 * @param keep whether the pictures go into the gallery
 * @param previews whether unfinished pictures are shown
 */
public record Order(GenerationRequest request, JsonNode settings, boolean keep, boolean previews) {}
