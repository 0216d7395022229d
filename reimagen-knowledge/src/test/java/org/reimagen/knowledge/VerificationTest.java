package org.reimagen.knowledge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationTest {
    @TempDir
    Path folder;

    @BeforeEach
    void fill() {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            for (int i = 0; i < 40; i++) {
                writer.add(Drawings.pair("id" + i, i));
                if (i % 15 == 0) {
                    writer.commit();
                }
            }
            writer.commit();
        }
    }

    @Test
    void aSoundBaseHasNoFault() {
        assertThat(Verification.verify(folder)).isEmpty();
    }

    @Test
    void everyFlippedBitAndEveryCutIsFound() throws IOException {
        damage(40, 7);
    }

    @Test
    @Tag("slow")
    void fiveHundredFlippedBitsAndCutsAreFound() throws IOException {
        damage(500, System.nanoTime());
    }

    private void damage(int times, long seed) throws IOException {
        System.out.println("damage seed " + seed);
        Random random = new Random(seed);
        List<Path> files = files();
        for (int i = 0; i < times; i++) {
            Path file = files.get(random.nextInt(files.size()));
            byte[] sound = Files.readAllBytes(file);
            byte[] damaged = i % 4 == 0 ? cut(sound, random) : flipped(sound, random);
            Files.write(file, damaged);
            assertThat(Verification.verify(folder)).as("round %d, %s", i, file).isNotEmpty();
            Files.write(file, sound);
        }
        assertThat(Verification.verify(folder)).isEmpty();
    }

    @Test
    void missingAndStrayOriginalsAreNamed() throws IOException {
        Path lost = files().stream()
                .filter(f -> f.toString().contains("originals"))
                .findFirst()
                .orElseThrow();
        byte[] bytes = Files.readAllBytes(lost);
        Files.delete(lost);
        assertThat(Verification.verify(folder)).singleElement().asString().contains("missing");
        Files.write(lost, bytes);
        String stray = Originals.hash(new byte[] {1});
        Path place = folder.resolve("originals").resolve(stray.substring(0, 2));
        Files.createDirectories(place);
        Files.write(place.resolve(stray), new byte[] {1});
        assertThat(Verification.verify(folder)).singleElement().asString().contains(stray);
    }

    @Test
    void aBaseInUseOrNoneAtAllIsSaidInOneLine() {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(folder)) {
            assertThat(writer.find("id1")).isPresent();
            assertThatThrownBy(() -> Verification.verify(folder)).hasMessageContaining("writer");
        }
        assertThatThrownBy(() -> Verification.verify(folder.resolve("none")))
                .isInstanceOf(KnowledgeException.class)
                .hasMessageContaining("no knowledge base");
    }

    private static byte[] cut(byte[] sound, Random random) {
        return Arrays.copyOf(sound, random.nextInt(sound.length));
    }

    private static byte[] flipped(byte[] sound, Random random) {
        byte[] damaged = sound.clone();
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
        return damaged;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> found = all.filter(Files::isRegularFile).sorted().toList();
            return found.stream().filter(f -> f.toFile().length() > 0).toList();
        }
    }
}
