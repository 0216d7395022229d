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
}
