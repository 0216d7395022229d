package org.reimagen.eval.retrieval;

import java.util.Random;
import java.util.regex.Pattern;

/** Typing errors: one edit a word. */
final class Misspelling {
    private static final int SHORTEST = 4;
    private static final Pattern WORD = Pattern.compile("\\p{L}{" + SHORTEST + ",}");

    private Misspelling() {}

    /**
     * The text with one letter replaced, left out, doubled by another or swapped with the next in every word of four letters
     * or more, never the first letter.
     *
     * @param random decides which; the same state gives the same text
     */
    static String of(String text, Random random) {
        return WORD.matcher(text).replaceAll(word -> edit(word.group(), random));
    }

    private static String edit(String word, Random random) {
        int at = 1 + random.nextInt(word.length() - 2);
        char letter = (char) ('a' + random.nextInt(26));
        String before = word.substring(0, at);
        String after = word.substring(at + 1);
        return switch (random.nextInt(4)) {
            case 0 -> before + (letter == word.charAt(at) ? 'q' : letter) + after;
            case 1 -> before + after;
            case 2 -> before + letter + word.substring(at);
            default -> before + after.charAt(0) + word.charAt(at) + after.substring(1);
        };
    }
}
