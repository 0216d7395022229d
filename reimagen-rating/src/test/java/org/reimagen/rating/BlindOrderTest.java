package org.reimagen.rating;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.eval.listing.ListedPicture;

class BlindOrderTest {
    @TempDir
    Path folder = Path.of("");

    @Test
    void dependsOnSeedAndNameAlone() {
        List<ListedPicture> pictures = Evaluation.write(folder, 10, 4);
        List<ListedPicture> order = BlindOrder.of(pictures, 7, "ann");
        assertThat(order).containsExactlyInAnyOrderElementsOf(pictures).isNotEqualTo(pictures);
        assertThat(BlindOrder.of(pictures.reversed(), 7, "ann")).isEqualTo(order);
        assertThat(BlindOrder.of(pictures, 8, "ann")).isNotEqualTo(order);
        assertThat(BlindOrder.of(pictures, 7, "bob")).isNotEqualTo(order);
    }
}
