package org.reimagen.core.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;

/**
 * In which precision this machine computes fastest.
 *
 * <p>A processor without bfloat16 instructions emulates them, some hundred times slower than float32. So bfloat16 is used where
 * the processor names such instructions, float32 everywhere else; the environment variable {@code REIMAGEN_PRECISION}
 * ({@code bf16} or {@code fp32}) overrides it. A picture is the same from run to run in one precision, not across the two.
 */
public final class Precision {
    private static final String VARIABLE = "REIMAGEN_PRECISION";
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final Set<String> INSTRUCTIONS = Set.of("avx512_bf16", "amx_bf16", "bf16");
    private static final boolean FAST = decide(System.getenv(VARIABLE), PROCESSORS);

    private Precision() {}

    /** Whether convolutions and linear layers shall run in bfloat16 on this machine. */
    public static boolean bfloat16IsFast() {
        return FAST;
    }

    /**
     * The decision from what is known.
     *
     * @param asked value of the environment variable, null where it is not set
     * @param processors file that lists the processor's features as Linux does; where there is none, the answer is no
     * @throws ReImagenException naming the variable if its value is neither bf16 nor fp32
     */
    static boolean decide(@Nullable String asked, Path processors) {
        if (asked != null && !asked.isBlank()) {
            return switch (asked.toLowerCase(Locale.ROOT)) {
                case "bf16" -> true;
                case "fp32" -> false;
                default -> throw new ReImagenException(VARIABLE + " must be bf16 or fp32, was " + asked);
            };
        }
        if (!Files.isReadable(processors)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(processors)) {
            return lines.filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                    .flatMap(line -> Arrays.stream(line.split("\\s+")))
                    .anyMatch(INSTRUCTIONS::contains);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
