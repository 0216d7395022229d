package org.reimagen.train.data;

import java.util.List;
import java.util.random.RandomGenerator;
import org.reimagen.pipeline.Background;

/**
 * One line of a training set's manifest.
 *
 * @param id of the pair
 * @param entity label
 * @param style set
 * @param tags search words, the set's own name last
 * @param heldOut whether it must never be trained on
 * @param neighbors ids that the pair's own caption retrieves: never itself, its near-duplicates or its family
 */
public record Example(
        String id, String entity, String style, List<String> tags, boolean heldOut, List<String> neighbors) {
    /** The lists are copied. */
    public Example {
        tags = List.copyOf(tags);
        neighbors = List.copyOf(neighbors);
    }

    /** Name and, if known, style. */
    String plainCaption() {
        return style.isEmpty() ? entity : entity + ", " + style.replace('-', ' ') + " style";
    }

    /** A caption: name, another name or tags; the style if it is known; the background unless it is white. */
    String caption(RandomGenerator random, Background background) {
        String words = style.replace('-', ' ');
        String subject = subject(random);
        String styled = style.isEmpty()
                ? subject
                : switch (random.nextInt(6)) {
                    case 0 -> "a " + subject + " in " + words + " style";
                    case 1 -> words + " " + subject;
                    default -> subject + ", " + words + " style";
                };
        if (background == Background.WHITE) {
            return styled;
        }
        return random.nextInt(3) == 0
                ? styled + ", " + background.words() + " background"
                : styled + ", on a " + background.words() + " background";
    }

    private String subject(RandomGenerator random) {
        int kind = random.nextInt(10);
        if (kind < 7 || tags.isEmpty()) {
            return entity;
        }
        return kind == 7 ? tags.getLast() : String.join(" ", tags.subList(0, Math.min(3, tags.size())));
    }
}
