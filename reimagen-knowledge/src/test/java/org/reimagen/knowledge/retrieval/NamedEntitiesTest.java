package org.reimagen.knowledge.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.reimagen.knowledge.retrieval.NamedEntities.Name;

class NamedEntitiesTest {
    @Test
    void whatEndsAPhraseCountsInFullAndTheRestByItsShare() {
        List<Name> names = NamedEntities.in("A red brick house, on the hill");
        assertThat(share(names, "house")).isEqualTo(1);
        assertThat(share(names, "hill")).isEqualTo(1);
        assertThat(share(names, "brick house")).isEqualTo(1);
        assertThat(share(names, "a red brick house")).isEqualTo(1);
        assertThat(share(names, "red")).isEqualTo(1 / 3f);
        assertThat(share(names, "red brick")).isEqualTo(2 / 3f);
        assertThat(names)
                .extracting(Name::text)
                .doesNotContain("a", "on", "the", "on the")
                .doesNotHaveDuplicates();
        assertThat(share(NamedEntities.in("house red, red house"), "red"))
                .as("the largest of its shares")
                .isEqualTo(1);
    }

    @Test
    void aNameMayHoldSmallWordsAndPunctuation() {
        assertThat(share(NamedEntities.in("person with crown"), "person with crown"))
                .isEqualTo(1);
        assertThat(share(NamedEntities.in("flag: japan!"), "flag: japan")).isEqualTo(1);
        assertThat(share(NamedEntities.in("no bicycles"), "no bicycles")).isEqualTo(1);
    }

    @Test
    void nothingIsNamedByNothing() {
        assertThat(NamedEntities.in("")).isEmpty();
        assertThat(NamedEntities.in(" the , of ")).isEmpty();
    }

    @Property(tries = 200)
    void sharesAreSharesAndLongTextsEnd(@ForAll String text) {
        assertThat(NamedEntities.in(text + " and " + "word ".repeat(300)))
                .allMatch(name -> name.share() > 0 && name.share() <= 1)
                .hasSizeLessThanOrEqualTo(256 * 12);
    }

    private static float share(List<Name> names, String text) {
        return names.stream()
                .filter(name -> name.text().equals(text))
                .findFirst()
                .orElseThrow()
                .share();
    }
}
