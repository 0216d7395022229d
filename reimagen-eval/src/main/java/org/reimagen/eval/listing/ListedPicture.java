package org.reimagen.eval.listing;

import java.util.List;

/**
 * One drawing of an evaluation.
 *
 * @param file PNG, relative to the folder of the listing; its name in the listing is unique
 * @param setting how it was drawn, such as {@code K = 4}
 * @param prompt what the model was told
 * @param entity what was asked for
 * @param category such as {@code birds}
 * @param frequency how often the entity is seen in training: frequent, infrequent or held-out
 * @param seed of the picture
 * @param rank other entities, or other pictures, with a true picture nearer than the right one; 0 is recognised
 * @param copyScore against the reference that it repeats most, in [0,1]; 0 without references
 * @param references true pictures to hold it against
 */
public record ListedPicture(
        String file,
        String setting,
        String prompt,
        String entity,
        String category,
        String frequency,
        long seed,
        int rank,
        double copyScore,
        List<ListedReference> references) {
    /** The list is copied. */
    public ListedPicture {
        references = List.copyOf(references);
    }
}
