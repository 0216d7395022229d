package org.reimagen.knowledge.retrieval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.en.EnglishAnalyzer;

/**
 * What a text may name: its spans of words, each with its share of the phrase that it stands in.
 *
 * <p>A phrase is what lies between small words ("a", "on", "with") and punctuation: <i>a red house on a hill</i> has two. English says last what a
 * phrase is about, so that a name which ends it counts in full: <i>house</i> and <i>hill</i>. Of any other the share is that of its words: a third
 * for <i>red</i> in <i>a red brick house</i>.
 */
final class NamedEntities {
    private static final int LONGEST = 12;

    /** Words of a text that are looked at. */
    static final int MOST_WORDS = 256;

    private static final Pattern PUNCTUATION = Pattern.compile("[,.;:!?]+$");

    private NamedEntities() {}

    /**
     * A span of words.
     *
     * @param text in lower case, the punctuation after it left out
     * @param share in (0,1]
     */
    record Name(String text, float share) {}

    /** Every span of at most {@value #LONGEST} words, of which not all are small; each once, with the largest of its shares. */
    static List<Name> in(String text) {
        List<String> all = List.of(text.toLowerCase(Locale.ROOT).strip().split("\\s+", MOST_WORDS + 1));
        List<String> words = all.subList(0, Math.min(all.size(), MOST_WORDS));
        List<String> bare = words.stream().map(NamedEntities::bare).toList();
        boolean[] large = new boolean[words.size()];
        boolean[] ends = new boolean[words.size()]; // whether punctuation ends a phrase after the word
        for (int i = 0; i < large.length; i++) {
            large[i] = !bare.get(i).isEmpty() && !EnglishAnalyzer.ENGLISH_STOP_WORDS_SET.contains(bare.get(i));
            ends[i] = !bare.get(i).equals(words.get(i));
        }
        Map<String, Float> names = new LinkedHashMap<>();
        for (int from = 0; from < large.length; from++) {
            int before = before(large, ends, from);
            int own = 0;
            for (int to = from + 1; to <= Math.min(large.length, from + LONGEST); to++) {
                own += large[to - 1] ? 1 : 0;
                if (own > 0) {
                    int after = after(large, ends, to);
                    float share = after == 0 ? 1 : own / (float) (before + own + after);
                    names.merge(bare(String.join(" ", words.subList(from, to))), share, Math::max);
                }
            }
        }
        return names.entrySet().stream()
                .map(name -> new Name(name.getKey(), name.getValue()))
                .toList();
    }

    /** Words of the phrase before the word {@code at}. */
    private static int before(boolean[] large, boolean[] ends, int at) {
        int first = at;
        while (first > 0 && large[first - 1] && !ends[first - 1]) {
            first--;
        }
        return at - first;
    }

    /** Words of the phrase from the word {@code at} on. */
    private static int after(boolean[] large, boolean[] ends, int at) {
        int end = at;
        while (end < large.length && large[end] && !ends[end - 1]) {
            end++;
        }
        return end - at;
    }

    private static String bare(String span) {
        return PUNCTUATION.matcher(span).replaceFirst("");
    }
}
