package org.reimagen.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.ReImagenException;

class PrecisionTest {
    @TempDir
    private Path folder;

    private Path processors(String line) throws IOException {
        return Files.writeString(folder.resolve("cpuinfo"), "processor : 0\n" + line + "\n");
    }

    @Test
    void bfloat16OnlyWhereTheProcessorHasIt() throws IOException {
        assertThat(Precision.decide(null, processors("flags\t\t: fpu avx2 fma")))
                .isFalse();
        assertThat(Precision.decide(null, processors("flags\t\t: fpu avx512f avx512_bf16")))
                .isTrue();
        assertThat(Precision.decide(null, processors("Features\t: fp asimd bf16")))
                .isTrue();
        assertThat(Precision.decide(null, processors("model name\t: avx512_bf16")))
                .isFalse();
        assertThat(Precision.decide(null, folder.resolve("none"))).isFalse();
    }

    @Test
    void theEnvironmentOverridesIt() throws IOException {
        Path slow = processors("flags\t\t: avx2");
        assertThat(Precision.decide("bf16", slow)).isTrue();
        assertThat(Precision.decide(" ", slow)).isFalse();
        assertThat(Precision.decide("FP32", processors("flags\t\t: avx512_bf16")))
                .isFalse();
        assertThatThrownBy(() -> Precision.decide("fp16", slow))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("REIMAGEN_PRECISION");
    }
}
