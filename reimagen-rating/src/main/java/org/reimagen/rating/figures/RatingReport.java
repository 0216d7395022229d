package org.reimagen.rating.figures;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;
import org.reimagen.eval.Interval;
import org.reimagen.eval.listing.ListedPicture;
import org.reimagen.rating.Answer;
import org.reimagen.rating.Question;
import org.reimagen.rating.Verdict;

/**
 * Figures over answers: by question, of all drawings, by frequency, category, both, and setting where there are several.
 *
 * <p>Entities are resampled, not answers: drawings of one entity, and answers about one drawing, are not independent.
 */
public final class RatingReport {
    private static final int RESAMPLES = 2000;

    private final Map<String, ListedPicture> pictures = new LinkedHashMap<>();
    private final List<Answer> answers;

    /**
     * A report.
     *
     * @throws ReImagenException naming a drawing that has answers and is not listed
     */
    public RatingReport(List<ListedPicture> listing, List<Answer> answers) {
        listing.forEach(p -> pictures.put(p.file(), p));
        this.answers = List.copyOf(answers);
        answers.forEach(a -> {
            if (!pictures.containsKey(a.picture())) {
                throw new ReImagenException("there are answers about " + a.picture() + ", which is not listed");
            }
        });
    }

    /** By question's word and group's name: {@code all}, {@code frequency: rare}, {@code category: birds} and so on. */
    public Map<String, Map<String, GroupFigures>> figures() {
        Map<String, Map<String, GroupFigures>> figures = new LinkedHashMap<>();
        for (Question question : Question.values()) {
            List<Answer> asked =
                    answers.stream().filter(a -> a.question() == question).toList();
            Map<String, GroupFigures> groups = new LinkedHashMap<>();
            groups.put("all", of(asked));
            add(groups, asked, "frequency: ", ListedPicture::frequency);
            add(groups, asked, "category: ", ListedPicture::category);
            add(groups, asked, "", p -> p.category() + ", " + p.frequency());
            if (pictures.values().stream()
                            .map(ListedPicture::setting)
                            .distinct()
                            .count()
                    > 1) {
                add(groups, asked, "setting: ", ListedPicture::setting);
            }
            figures.put(question.word(), groups);
        }
        return figures;
    }

    private void add(
            Map<String, GroupFigures> groups, List<Answer> asked, String prefix, Function<ListedPicture, String> name) {
        Map<String, List<Answer>> byGroup = asked.stream()
                .collect(Collectors.groupingBy(a -> name.apply(picture(a)), TreeMap::new, Collectors.toList()));
        byGroup.forEach((group, of) -> groups.put(prefix + group, of(of)));
    }

    private ListedPicture picture(Answer answer) {
        ListedPicture picture = pictures.get(answer.picture());
        if (picture == null) {
            throw new IllegalStateException(answer.picture());
        }
        return picture;
    }

    private GroupFigures of(List<Answer> group) {
        List<Answer> given =
                group.stream().filter(a -> a.verdict() != Verdict.UNSURE).toList();
        Set<String> rated = new HashSet<>();
        Set<String> raters = new HashSet<>();
        given.forEach(a -> {
            rated.add(a.picture());
            raters.add(a.rater());
        });
        OptionalDouble alpha = Agreement.alpha(List.copyOf(given.stream()
                .collect(Collectors.groupingBy(
                        Answer::picture, Collectors.mapping(Answer::verdict, Collectors.toList())))
                .values()));
        return new GroupFigures(
                share(given),
                alpha.isPresent() ? alpha.getAsDouble() : null,
                given.size(),
                group.size() - given.size(),
                rated.size(),
                raters.size());
    }

    private @Nullable Interval share(List<Answer> given) {
        if (given.isEmpty()) {
            return null;
        }
        List<int[]> entities = new ArrayList<>(given.stream()
                .collect(Collectors.groupingBy(
                        a -> picture(a).entity(), TreeMap::new, Collectors.collectingAndThen(Collectors.toList(), of ->
                                new int[] {yes(of), of.size()})))
                .values());
        Random random = new Random(1);
        List<Double> shares = new ArrayList<>();
        for (int i = 0; i < RESAMPLES; i++) {
            int yes = 0;
            int all = 0;
            for (int e = 0; e < entities.size(); e++) {
                int[] drawn = entities.get(random.nextInt(entities.size()));
                yes += drawn[0];
                all += drawn[1];
            }
            shares.add(yes / (double) all);
        }
        shares.sort(null);
        return new Interval(
                yes(given) / (double) given.size(),
                shares.get(RESAMPLES / 40),
                shares.get(RESAMPLES - 1 - RESAMPLES / 40),
                entities.size());
    }

    private static int yes(List<Answer> answers) {
        return (int) answers.stream().filter(a -> a.verdict() == Verdict.YES).count();
    }

    /** Lines for the console: question, group, share in per cent, N, alpha. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        figures()
                .forEach((question, groups) -> groups.forEach((name, f) -> lines.add("%-9s %-34s %-14s %s"
                        .formatted(
                                question,
                                name,
                                f.share() == null ? "no answers" : f.share().percent() + " %",
                                "N = %d answers on %d pictures of %d entities by %d raters, alpha %s, %d unsure"
                                        .formatted(
                                                f.answers(),
                                                f.pictures(),
                                                f.share() == null
                                                        ? 0
                                                        : f.share().n(),
                                                f.raters(),
                                                f.alpha() == null
                                                        ? "undefined"
                                                        : String.format(Locale.ROOT, "%.3f", f.alpha()),
                                                f.unsure())))));
        return lines;
    }

    /** One row per rater and drawing, as RFC 4180 has it; an empty cell is no answer. */
    public String csv() {
        Map<List<String>, Map<Question, Verdict>> rows = new LinkedHashMap<>();
        answers.forEach(a -> rows.computeIfAbsent(List.of(a.rater(), a.picture()), _ -> new TreeMap<>())
                .put(a.question(), a.verdict()));
        StringBuilder csv =
                new StringBuilder("rater,picture,setting,entity,category,frequency,seed,faithful,clean\r\n");
        rows.forEach((key, verdicts) -> {
            ListedPicture p = pictures.get(key.get(1));
            if (p == null) {
                throw new IllegalStateException(key.get(1));
            }
            List<String> cells = new ArrayList<>(List.of(
                    key.get(0),
                    p.file(),
                    p.setting(),
                    p.entity(),
                    p.category(),
                    p.frequency(),
                    String.valueOf(p.seed())));
            for (Question question : Question.values()) {
                Verdict verdict = verdicts.get(question);
                cells.add(verdict == null ? "" : verdict.word());
            }
            csv.append(cells.stream().map(RatingReport::cell).collect(Collectors.joining(",")))
                    .append("\r\n");
        });
        return csv.toString();
    }

    private static String cell(String text) {
        return text.matches("(?s).*[\",\r\n].*") ? "\"" + text.replace("\"", "\"\"") + "\"" : text;
    }
}
