package org.reimagen.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The count against PyTorch's own counter; {@code golden/flop_fixtures.py} made its figures. */
class SuperResolutionFlopsTest {
    @Test
    void agreesWithThePyTorchCounter() throws IOException {
        try (InputStream in = SuperResolutionFlopsTest.class.getResourceAsStream("/golden/flops.json")) {
            JsonNode golden = new ObjectMapper().readTree(Objects.requireNonNull(in));
            assertThat(new SuperResolutionFlops(SuperResolutionConfig.tiny(), 64).forward())
                    .isEqualTo(golden.required("tiny at 64").asDouble());
            assertThat(new SuperResolutionFlops(SuperResolutionConfig.to256(), 256).forward())
                    .isEqualTo(golden.required("to256 at 256").asDouble());
            assertThat(new SuperResolutionFlops(SuperResolutionConfig.to1024(), 1024).forward())
                    .isEqualTo(golden.required("to1024 at 1024").asDouble());
        }
    }

    @Test
    void readingAgreesWithThePyTorchCounter() throws IOException {
        SuperResolutionConfig tiny = SuperResolutionConfig.tiny();
        SuperResolutionConfig text = tiny.reading(new ConditionsConfig(24, 4, 0, 0));
        SuperResolutionConfig both = tiny.reading(new ConditionsConfig(24, 4, 3, 32));
        SuperResolutionConfig to256 = SuperResolutionConfig.to256().reading(new ConditionsConfig(384, 32, 2, 256));
        try (InputStream in = SuperResolutionFlopsTest.class.getResourceAsStream("/golden/flops.json")) {
            JsonNode golden = new ObjectMapper().readTree(Objects.requireNonNull(in));
            assertThat(new SuperResolutionFlops(text, 64).reading(7, 0))
                    .isEqualTo(golden.required("tiny reads 7 tokens").asDouble());
            assertThat(new SuperResolutionFlops(both, 64).reading(7, 2))
                    .isEqualTo(golden.required("tiny reads 7 tokens and 2 neighbours")
                            .asDouble());
            assertThat(new SuperResolutionFlops(to256, 256).reading(9, 2))
                    .isEqualTo(golden.required("to256 reads 9 tokens and 2 neighbours")
                            .asDouble());
        }
        assertThat(new SuperResolutionFlops(tiny, 64).reading(7, 2)).isZero();
        assertThat(new SuperResolutionFlops(both, 64).reading(7, 5))
                .isEqualTo(new SuperResolutionFlops(both, 64).reading(7, 3));
    }
}
