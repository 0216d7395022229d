package org.reimagen.rating.figures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against the worked examples of Krippendorff, Computing Krippendorff's Alpha-Reliability (2011). */
class AgreementTest {
    /** One string a rater, one character a unit, a dot where the value is missing. */
    private static List<List<Character>> units(String... raters) {
        List<List<Character>> units = new ArrayList<>();
        for (int u = 0; u < raters[0].length(); u++) {
            List<Character> unit = new ArrayList<>();
            for (String rater : raters) {
                if (rater.charAt(u) != '.') {
                    unit.add(rater.charAt(u));
                }
            }
            units.add(unit);
        }
        return units;
    }

    private static double alpha(String... raters) {
        return Agreement.alpha(units(raters)).orElseThrow();
    }

    @Test
    void sectionABinaryDataTwoObservers() {
        assertThat(alpha("0100000010", "1110010000")).isEqualTo(0.095, within(0.0005));
    }

    @Test
    void sectionBNominalDataTwoObservers() {
        assertThat(alpha("aabbdcccedda", "babbbccceddd")).isEqualTo(0.692, within(0.0005));
    }

    @Test
    void sectionCNominalDataFourObserversMissingValues() {
        assertThat(alpha("123321412...", "1233224125.3", ".3332342251.", "12332441251."))
                .isEqualTo(0.743, within(0.0005));
    }

    @Test
    void endsAndWhatIsUndefined() {
        assertThat(alpha("ynyn", "ynyn", "ynyn")).isEqualTo(1);
        assertThat(alpha("yn", "ny")).isEqualTo(-0.5);
        assertThat(Agreement.alpha(units("yyyy", "yyyy"))).isEmpty();
        assertThat(Agreement.alpha(units("ynyn", "...."))).isEmpty();
        assertThat(Agreement.alpha(List.of())).isEmpty();
    }

    @Test
    void ratersWhoGuessAgreeAsChanceDoes() {
        Random random = new Random(4);
        List<List<Boolean>> guesses = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            guesses.add(List.of(random.nextInt(10) < 3, random.nextInt(10) < 3, random.nextInt(10) < 3));
        }
        assertThat(Agreement.alpha(guesses).orElseThrow()).isEqualTo(0, within(0.02));
    }
}
