package org.reimagen.knowledge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HashFileTest {
    private static final String HASH = "0123456789abcdef".repeat(4);

    @TempDir
    Path folder = Path.of("");

    private final AtomicInteger worked = new AtomicInteger();

    private String ask(String state) {
        return new HashFile(folder.resolve("hash"), state).orElse(() -> {
            worked.incrementAndGet();
            return HASH;
        });
    }

    @Test
    void theHashOfAStateIsWorkedOutOnce() {
        assertThat(ask("c1")).isEqualTo(HASH);
        assertThat(ask("c1")).isEqualTo(HASH);
        assertThat(worked).hasValue(1);
        assertThat(folder.toFile().list()).containsExactly("hash");
    }

    @Test
    void anotherStateOrATornFileIsWorkedOutAnew() throws IOException {
        ask("c1");
        ask("c2");
        assertThat(worked).hasValue(2);
        Files.writeString(folder.resolve("hash"), "c2 " + HASH.substring(1) + "\n");
        assertThat(ask("c2")).isEqualTo(HASH);
        assertThat(worked).hasValue(3);
        Files.writeString(folder.resolve("hash"), "");
        ask("c2");
        assertThat(worked).hasValue(4);
        Files.write(folder.resolve("hash"), new byte[] {(byte) 0xC3, 0, (byte) 0xFF});
        ask("c2");
        assertThat(worked).hasValue(5);
    }

    @Test
    void aBaseThatChangedHasAnotherHashAndItsOldSnapshotTheOldOne() {
        add(Drawings.pair("a", 1));
        try (KnowledgeBase before = KnowledgeBase.open(folder)) {
            String old = before.hash();
            assertThat(before.hash()).isEqualTo(old);
            add(Drawings.pair("b", 2));
            try (KnowledgeBase after = KnowledgeBase.open(folder)) {
                assertThat(after.hash()).isNotEqualTo(old);
                assertThat(before.hash()).isEqualTo(old);
                assertThat(after.hash()).isNotEqualTo(old);
            }
        }
    }

    private void add(NewPair pair) {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            writer.add(pair);
            writer.commit();
        }
    }
}
