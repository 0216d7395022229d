package org.reimagen.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The count against PyTorch's own counter; {@code golden/flop_fixtures.py} made its figures. */
class FlopsTest {
    /** The small network's convolutions alone. */
    private static final UNetConfig PLAIN = new UNetConfig(
            3, 2, List.of(48, 96, 192), List.of(2, 2, 2), List.of(false, false, false), 32, 192, 384, 8, false);

    @Test
    void convolutionsAgreeWithThePyTorchCounter() throws IOException {
        try (InputStream in = FlopsTest.class.getResourceAsStream("/golden/flops.json")) {
            JsonNode golden = new ObjectMapper().readTree(Objects.requireNonNull(in));
            assertThat(new Flops(PLAIN, 64).forward())
                    .isEqualTo(golden.required("convolutions of small at 64").asDouble());
            assertThat(new Flops(PLAIN, 64).encoding())
                    .isEqualTo(golden.required("its DStack").asDouble());
        }
    }

    @Test
    void attentionCountsInEveryBlockAndOnceInTheMiddle() {
        Flops flops = new Flops(UNetConfig.small(), 64);
        double at16 = 2.0 * 4 * 96 * 96 * 256 + 4.0 * 256 * 256 * 96;
        double at8 = 2.0 * 4 * 192 * 192 * 64 + 4.0 * 64 * 64 * 192;
        assertThat(flops.encoding() - new Flops(PLAIN, 64).encoding()).isEqualTo(2 * at16 + 2 * at8);
        assertThat(flops.forward() - new Flops(PLAIN, 64).forward()).isEqualTo(4 * at16 + 5 * at8);
    }
}
