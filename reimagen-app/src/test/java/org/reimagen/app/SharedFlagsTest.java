package org.reimagen.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** A flag that several commands take reads the same in the help of each. */
class SharedFlagsTest {
    private static final List<String> SHARED = List.of(
            "--model",
            "--clip",
            "--text-encoder",
            "--image",
            "--sub-queries",
            "--style",
            "--licence-allow",
            "--licence",
            "--author",
            "--sr-steps",
            "--sr-noise-level",
            "--sr-guidance-scale");

    private final Map<String, Set<String>> texts = new HashMap<>();
    private final Map<String, Integer> uses = new HashMap<>();

    private void read(CommandLine command) {
        for (OptionSpec option : command.getCommandSpec().options()) {
            String text = option.paramLabel() + " " + String.join(" ", option.description()) + option.defaultValue();
            texts.computeIfAbsent(option.longestName(), _ -> new TreeSet<>()).add(text);
            uses.merge(option.longestName(), 1, Integer::sum);
        }
        command.getSubcommands().values().forEach(this::read);
    }

    @Test
    void readsTheSameEverywhere() {
        read(new CommandLine(new Main()));
        for (String flag : SHARED) {
            assertThat(uses.getOrDefault(flag, 0)).as(flag).isGreaterThan(1);
            assertThat(texts.get(flag)).as(flag).hasSize(1);
        }
        assertThat(texts.get("--kb"))
                .as("finetune's, which may be made, and everybody else's")
                .hasSize(2);
        assertThat(texts.get("--num-inference-steps"))
                .as("a number, and what eval sweeps over")
                .hasSize(2);
    }
}
