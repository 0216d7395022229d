package org.reimagen.eval.entitydraw;

/**
 * One entity to draw; its name is the prompt.
 *
 * @param category such as {@code birds}
 * @param frequency how often it is seen in training: frequent, infrequent or held-out
 * @param entity as the knowledge base calls it
 */
public record Prompt(String category, String frequency, String entity) {}
