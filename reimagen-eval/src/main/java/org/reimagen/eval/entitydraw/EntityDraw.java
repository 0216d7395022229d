package org.reimagen.eval.entitydraw;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.reimagen.eval.Interval;

/** Which of an entity's pictures are recognised, and the figures over many entities. */
public final class EntityDraw {
    /** Pictures drawn of each entity. */
    public static final int PICTURES = 4;

    private static final int WITHIN = 5;

    private EntityDraw() {}

    /**
     * One entity's pictures.
     *
     * @param ranks by picture, 0 is recognised; see {@link Recognition#rank}
     */
    public record Drawn(Prompt prompt, List<Integer> ranks) {
        /** The list is copied. */
        public Drawn {
            ranks = List.copyOf(ranks);
        }

        /** As {@code pictures} are recognised. */
        public static Drawn of(Prompt prompt, List<BufferedImage> pictures, Recognition recognition) {
            return new Drawn(
                    prompt,
                    pictures.stream()
                            .map(p -> recognition.rank(prompt.entity(), p))
                            .toList());
        }

        private double mean(int within) {
            return ranks.stream().filter(r -> r < within).count() / (double) ranks.size();
        }

        private double best(int within) {
            return ranks.stream().anyMatch(r -> r < within) ? 1 : 0;
        }
    }

    /**
     * Figures of a group, each with its interval over entities: {@code mean_of_4}, {@code best_of_4}, and the same among the
     * five nearest entities.
     */
    public static Map<String, Interval> figures(List<Drawn> group) {
        Map<String, Interval> figures = new LinkedHashMap<>();
        for (int within : new int[] {1, WITHIN}) {
            String suffix = within == 1 ? "" : "_within_" + within;
            figures.put(
                    "mean_of_4" + suffix,
                    Interval.ofMean(group.stream().map(d -> d.mean(within)).toList()));
            figures.put(
                    "best_of_4" + suffix,
                    Interval.ofMean(group.stream().map(d -> d.best(within)).toList()));
        }
        return figures;
    }

    /** Figures of all, by frequency, and by category and frequency; groups by name. */
    public static Map<String, Map<String, Interval>> groups(List<Drawn> drawn) {
        Map<String, Predicate<Drawn>> groups = new TreeMap<>();
        for (Drawn each : drawn) {
            Prompt prompt = each.prompt();
            groups.put(prompt.frequency(), d -> d.prompt().frequency().equals(prompt.frequency()));
            groups.put(
                    prompt.category() + ", " + prompt.frequency(),
                    d -> d.prompt().frequency().equals(prompt.frequency())
                            && d.prompt().category().equals(prompt.category()));
        }
        Map<String, Map<String, Interval>> figures = new LinkedHashMap<>();
        figures.put("all", figures(drawn));
        groups.forEach((name, of) -> figures.put(
                name, figures(new ArrayList<>(drawn.stream().filter(of).toList()))));
        return figures;
    }
}
