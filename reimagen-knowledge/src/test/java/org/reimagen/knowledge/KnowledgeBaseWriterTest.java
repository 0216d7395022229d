package org.reimagen.knowledge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnowledgeBaseWriterTest {
    @TempDir
    Path folder;

    @Test
    void everythingOfAPairComesBack() {
        Pair added = add(Drawings.pair("a", 1));
        try (KnowledgeBase base = KnowledgeBase.open(folder)) {
            assertThat(base.find("a")).contains(added);
            assertThat(base.original(added)).isEqualTo(Drawings.svg(1));
            assertThat(base.picture(added, 48).getWidth()).isEqualTo(48);
            assertThat(base.find("b")).isEmpty();
        }
    }

    @Test
    void aSecondWriterIsRefusedInOneLine() {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            assertThatThrownBy(() -> KnowledgeBaseWriter.open(folder))
                    .isInstanceOf(KnowledgeException.class)
                    .hasMessageContaining(folder.toString())
                    .hasMessageNotContaining("\n");
            writer.add(Drawings.pair("a", 1));
            writer.commit();
        }
        try (KnowledgeBaseWriter again = KnowledgeBaseWriter.open(folder)) {
            assertThat(again.find("a")).isPresent();
        }
    }

    @Test
    void whatWasNotCommittedIsNotThereAndLeavesNoFile() throws IOException {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            writer.add(Drawings.pair("a", 1));
        }
        try (KnowledgeBase base = KnowledgeBase.open(folder)) {
            assertThat(base.size()).isZero();
        }
        assertThat(originals()).isZero();
        assertThat(Verification.verify(folder)).isEmpty();
    }

    @Test
    void aReplacedOriginalGoesUnlessAnotherPairNamesIt() throws IOException {
        add(Drawings.pair("a", 1));
        add(Drawings.pair("b", 1));
        add(Drawings.pair("a", 2));
        assertThat(originals()).isEqualTo(2);
        add(Drawings.pair("b", 2));
        assertThat(originals()).isEqualTo(1);
        assertThat(Verification.verify(folder)).isEmpty();
    }

    @Test
    void removedIsGoneFromSearchAndFilesAndCannotReturn() throws IOException {
        Pair gone = add(Drawings.pair("a", 1));
        add(Drawings.pair("b", 1));
        add(Drawings.pair("c", 3));
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            assertThat(writer.remove(gone.sha256())).isEqualTo(2);
        }
        try (KnowledgeBase base = KnowledgeBase.open(folder)) {
            assertThat(base.pairs()).extracting(Pair::id).containsExactly("c");
        }
        assertThat(originals()).isEqualTo(1);
        assertThatThrownBy(() -> add(Drawings.pair("d", 1)))
                .isInstanceOf(KnowledgeException.class)
                .hasMessageContaining("d: was removed");
        assertThat(Verification.verify(folder)).isEmpty();
    }

    @Test
    void brokenPicturesAreRefusedInOneLineNamingThem() {
        byte[] empty = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"8\"></svg>"
                .getBytes(StandardCharsets.UTF_8);
        for (byte[] broken : new byte[][] {{}, {1, 2, 3}, "<svg".getBytes(StandardCharsets.UTF_8), empty}) {
            assertThatThrownBy(() -> add(Drawings.pair("broken", "x", "", broken)))
                    .isInstanceOf(KnowledgeException.class)
                    .hasMessageStartingWith("broken: ")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void aWrongHashToRemoveIsRefused() {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            assertThatThrownBy(() -> writer.remove("../../x")).hasMessageContaining("64 lower-case hex digits");
        }
    }

    @Test
    void theHashOfTheBaseIgnoresTheOrderOfAdding(@TempDir Path other) {
        add(Drawings.pair("a", 1));
        add(Drawings.pair("b", 2));
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(other)) {
            writer.add(Drawings.pair("b", 2));
            writer.add(Drawings.pair("a", 1));
            writer.commit();
        }
        try (KnowledgeBase one = KnowledgeBase.open(folder);
                KnowledgeBase two = KnowledgeBase.open(other)) {
            assertThat(one.hash()).isEqualTo(two.hash()).matches("[0-9a-f]{64}");
        }
        add(Drawings.pair("b", 3));
        try (KnowledgeBase one = KnowledgeBase.open(folder);
                KnowledgeBase two = KnowledgeBase.open(other)) {
            assertThat(one.hash()).isNotEqualTo(two.hash());
        }
    }

    @Test
    void noBaseIsOneLine() {
        assertThatThrownBy(() -> KnowledgeBase.open(folder.resolve("none")))
                .isInstanceOf(KnowledgeException.class)
                .hasMessageContaining("no knowledge base");
    }

    private Pair add(NewPair pair) {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            Pair added = writer.add(pair);
            writer.commit();
            return added;
        }
    }

    private long originals() throws IOException {
        Path all = folder.resolve("originals");
        if (!Files.exists(all)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(all)) {
            return files.filter(Files::isRegularFile).count();
        }
    }
}
