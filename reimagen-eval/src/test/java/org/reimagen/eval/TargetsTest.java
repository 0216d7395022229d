package org.reimagen.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.reimagen.knowledge.Pair;
import org.reimagen.knowledge.StyleFamilies;
import org.reimagen.train.data.Split;

class TargetsTest {
    private static final List<String> STYLES = List.of("noto", "noto-v1", "twemoji", "openmoji", "openmoji-black");

    /** A pair whose picture has the hash {@code likeness}. */
    static Pair pair(String entity, String style, long likeness) {
        return new Pair(
                style + "/" + entity,
                entity,
                entity,
                entity,
                style,
                List.of("animal"),
                "MIT",
                "",
                "",
                style + entity,
                true,
                64,
                64,
                likeness);
    }

    private static List<Pair> base() {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            for (int s = 0; s < STYLES.size(); s++) {
                pairs.add(pair("thing " + i, STYLES.get(s), new Random(i * 31L + s).nextLong()));
            }
        }
        return pairs;
    }

    @Test
    void everyTargetIsHeldOutAndHasReferencesFromOtherFamiliesOnly() {
        List<Pair> pairs = base();
        StyleFamilies families = StyleFamilies.of(pairs);
        List<Target> targets = new Targets(pairs).choose(1000);
        assertThat(targets).hasSizeGreaterThan(50);
        for (Target target : targets) {
            assertThat(Split.isHeldOut(target.truth().entity())).isTrue();
            assertThat(target.references()).hasSizeGreaterThanOrEqualTo(2).allSatisfy(reference -> {
                assertThat(reference.entity()).isEqualTo(target.truth().entity());
                assertThat(families.familyOf(reference.style()))
                        .isNotEqualTo(families.familyOf(target.truth().style()));
            });
            assertThat(target.references().stream()
                            .limit(2)
                            .map(r -> families.familyOf(r.style()))
                            .distinct())
                    .hasSize(2);
            assertThat(target.prompt()).contains(target.truth().entity() + ", ");
            assertThat(target.kind()).isEqualTo("animal");
        }
    }

    @Test
    void trainedEntitiesAreToldApartByHowOftenTheyAreSeen() {
        List<Pair> pairs = base();
        String often = pairs.stream()
                .map(Pair::entity)
                .filter(e -> !Split.isHeldOut(e))
                .findFirst()
                .orElseThrow();
        List.of("fxemoji", "emojitwo", "blobmoji")
                .forEach(style -> pairs.add(pair(often, style, new Random(style.hashCode()).nextLong())));
        Targets targets = new Targets(pairs);
        assertThat(targets.choose(Frequency.FREQUENT, 1000))
                .hasSize(8)
                .allSatisfy(t -> assertThat(t.truth().entity()).isEqualTo(often));
        assertThat(targets.choose(Frequency.INFREQUENT, 2000))
                .hasSizeGreaterThan(1000)
                .noneMatch(t -> Split.isHeldOut(t.truth().entity()))
                .noneMatch(t -> t.truth().entity().equals(often));
        assertThat(targets.choose(Frequency.HELD_OUT, 1000)).isEqualTo(targets.choose(1000));
    }

    @Test
    void theChoiceDependsOnNothingButThePairs() {
        List<Pair> shuffled = base();
        Collections.shuffle(shuffled, new Random(5));
        assertThat(new Targets(shuffled).choose(20)).isEqualTo(new Targets(base()).choose(20));
        assertThat(new Targets(base()).choose(40).subList(0, 20)).isEqualTo(new Targets(base()).choose(20));
    }

    @Test
    void aPictureThatIsTrainedOnUnderAnotherNameIsNoTarget() {
        List<Pair> pairs = base();
        Target first = new Targets(pairs).choose(1).getFirst();
        String trained = pairs.stream()
                .map(Pair::entity)
                .filter(e -> !Split.isHeldOut(e))
                .findFirst()
                .orElseThrow();
        pairs.add(pair(trained, first.truth().style(), first.truth().perceptualHash()));
        assertThat(new Targets(pairs).choose(1000)).noneMatch(t -> t.truth().equals(first.truth()));
    }

    @Test
    void aNearDuplicateOfTheTruthIsNoReference() {
        List<Pair> pairs = new ArrayList<>(base());
        Target first = new Targets(pairs).choose(1).getFirst();
        Pair twin = pair(first.truth().entity(), "fxemoji", first.truth().perceptualHash() ^ 3);
        pairs.add(twin);
        assertThat(new Targets(pairs).choose(1000))
                .filteredOn(t -> t.truth().equals(first.truth()))
                .singleElement()
                .satisfies(t -> assertThat(t.references()).doesNotContain(twin));
    }
}
