package org.reimagen.eval.retrieval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.StyleFamilies;
import org.reimagen.knowledge.retrieval.Filters;
import org.reimagen.knowledge.retrieval.Query;
import org.reimagen.train.data.Split;

/** Asks for entities of a base in every wording that they have; the same seed asks the same. */
public final class Questions {
    private static final int TAGS = 3;
    private static final int SIDE = 64;

    private final KnowledgeBase base;
    private final StyleFamilies families;
    private final @Nullable OtherNames names;
    private final long seed;

    /**
     * About the pairs of {@code base}.
     *
     * @param names that entities go by elsewhere, or null to leave that wording out
     */
    public Questions(KnowledgeBase base, @Nullable OtherNames names, long seed) {
        this.base = base;
        this.families = new StyleFamilies(base.styles());
        this.names = names;
        this.seed = seed;
    }

    /**
     * Questions about the entities held out of training, by entity and wording.
     *
     * @throws ReImagenException if the base has no held-out entity
     */
    public List<Question> heldOut() {
        List<Question> questions = of(p -> Split.isHeldOut(p.entity()));
        if (questions.isEmpty()) {
            throw new ReImagenException(base.folder() + ": has no held-out entity");
        }
        return questions;
    }

    /** Questions about every entity, by entity and wording; look-up learns nothing, so that none has been seen before. */
    public List<Question> all() {
        return of(_ -> true);
    }

    private List<Question> of(Predicate<Pair> asked) {
        SortedMap<String, List<Pair>> entities = base.pairs().stream()
                .filter(asked)
                .collect(Collectors.groupingBy(Pair::entity, TreeMap::new, Collectors.toList()));
        List<Question> questions = new ArrayList<>();
        entities.forEach((entity, pairs) -> questions.addAll(about(entity, pairs)));
        return questions;
    }

    private List<Question> about(String entity, List<Pair> pairs) {
        Random random = new Random(seed ^ entity.hashCode());
        List<Question> questions = new ArrayList<>();
        questions.add(text(entity, Wording.CLEAN, entity));
        String misspelt = Misspelling.of(entity, random);
        if (!misspelt.equals(entity)) {
            questions.add(text(entity, Wording.MISSPELT, misspelt));
        }
        List<String> tags = new ArrayList<>(pairs.stream()
                .flatMap(p -> p.tags().stream())
                .distinct()
                .sorted()
                .toList());
        tags.removeIf(tag -> words(tag).equals(words(entity)));
        Collections.shuffle(tags, random);
        if (tags.size() >= TAGS) {
            questions.add(text(entity, Wording.TAGS, String.join(" ", tags.subList(0, TAGS))));
        }
        otherName(entity, pairs, random, questions);
        picture(entity, pairs, random, questions);
        return questions;
    }

    private static Question text(String entity, Wording wording, String text) {
        return new Question(entity, wording, text, Query.of(text, 1));
    }

    private void otherName(String entity, List<Pair> pairs, Random random, List<Question> questions) {
        if (names == null) {
            return;
        }
        Set<Set<String>> known = pairs.stream()
                .flatMap(p -> Stream.concat(Stream.of(p.title(), p.entity()), p.tags().stream()))
                .map(Questions::words)
                .collect(Collectors.toSet());
        List<String> other = names.of(entity).stream()
                .filter(name -> !known.contains(words(name)))
                .toList();
        if (!other.isEmpty()) {
            questions.add(text(entity, Wording.OTHER_NAME, other.get(random.nextInt(other.size()))));
        }
    }

    private static Set<String> words(String text) {
        return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^a-z0-9]+")).collect(Collectors.toSet());
    }

    private void picture(String entity, List<Pair> pairs, Random random, List<Question> questions) {
        Pair asked = pairs.get(random.nextInt(pairs.size()));
        Set<String> family = families.siblings(asked.style());
        if (pairs.stream().anyMatch(p -> !family.contains(p.style()))) {
            Query query = Query.of(base.picture(asked, SIDE), 1)
                    .filtered(new Filters(Set.of(), Set.of(), Set.of(), family))
                    .excluding(Set.of(asked.id()));
            questions.add(new Question(entity, Wording.PICTURE, asked.id(), query));
        }
    }
}
