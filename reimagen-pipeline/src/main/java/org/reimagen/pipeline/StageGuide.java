package org.reimagen.pipeline;

import java.util.Comparator;
import java.util.List;
import org.reimagen.pipeline.BaseStage.Reference;

/**
 * What a later stage reads besides the picture that it enlarges; a stage that reads nothing ignores it.
 *
 * @param prompt the text, empty for none
 * @param references neighbours, their pictures of the side that the stage asks for ({@link
 *     SuperResolutionStage#neighborResolution})
 */
public record StageGuide(String prompt, List<Reference> references) {
    /** Neither text nor neighbours. */
    public static final StageGuide NONE = new StageGuide("", List.of());

    /** The list is copied. */
    public StageGuide {
        references = List.copyOf(references);
    }

    /** The heaviest references, at most {@code most}; of equal ones the first. */
    List<Reference> heaviest(int most) {
        return references.stream()
                .sorted(Comparator.comparingDouble(Reference::weight).reversed())
                .limit(most)
                .toList();
    }
}
