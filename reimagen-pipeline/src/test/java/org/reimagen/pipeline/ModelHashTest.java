package org.reimagen.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.core.checkpoint.ModelFolder;

class ModelHashTest {
    @TempDir
    Path folder = Path.of("");

    private Path hashes() {
        return folder.resolve("hashes");
    }

    private ModelFolder model() {
        return new ModelFolder(folder.resolve("model"));
    }

    /** The hash as it is asked for when the files are no longer new. */
    private String later() {
        return ModelHash.of(model(), Instant.now().plusSeconds(10));
    }

    @BeforeEach
    void writeWeights() throws IOException {
        Files.createDirectories(model().weights("base").getParent());
        Files.writeString(model().weights("base"), "weights");
        System.setProperty(ModelHash.FOLDER, hashes().toString());
    }

    @AfterEach
    void forget() {
        System.clearProperty(ModelHash.FOLDER);
    }

    @Test
    void theHashIsKeptAndIsTheModels() throws IOException {
        assertThat(later()).isEqualTo(model().modelHash());
        Path kept;
        try (Stream<Path> all = Files.list(hashes())) {
            kept = all.findFirst().orElseThrow();
        }
        Files.writeString(kept, Files.readString(kept).replaceFirst(" [0-9a-f]{64}", " " + "0".repeat(64)));
        assertThat(later()).as("read, not worked out").isEqualTo("0".repeat(64));
    }

    @Test
    void weightsThatWereExchangedAreHashedAnewWhateverTheirTimeSays() throws IOException {
        Path weights = model().weights("base");
        String before = later();
        FileTime time = Files.getLastModifiedTime(weights);
        Files.writeString(weights, "wEights");
        Files.setLastModifiedTime(weights, time);
        assertThat(later()).isNotEqualTo(before).isEqualTo(model().modelHash());
    }

    @Test
    void whatChangedJustNowIsNotKept() {
        assertThat(ModelHash.of(model(), Instant.now())).isEqualTo(model().modelHash());
        assertThat(hashes()).doesNotExist();
    }

    @Test
    void nothingIsKeptWhereNoFolderIsNamed() {
        System.clearProperty(ModelHash.FOLDER);
        assertThat(later()).isEqualTo(model().modelHash());
        assertThat(hashes()).doesNotExist();
    }
}
