package org.reimagen.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.model.UNet;
import org.reimagen.core.model.UNetConfig;
import org.reimagen.core.tensor.Ops;

class SafeTensorsTest {
    @TempDir
    Path folder = Path.of("");

    private Path write(String json, int data) throws IOException {
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        ByteBuffer all = ByteBuffer.allocate(8 + header.length + data).order(ByteOrder.LITTLE_ENDIAN);
        all.putLong(header.length).put(header);
        return Files.write(folder.resolve("hostile.safetensors"), all.array());
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void roundTrip(DType dtype) {
        try (var _ = new PointerScope()) {
            Tensor tensor = Ops.floats(new float[] {0, 1, 2, 3, 4, 5}, 2, 3).to(dtype.scalarType());
            Path file = folder.resolve("a.safetensors");
            SafeTensors.write(file, Map.of("format", "pt"), Map.of("x", tensor, "none", torch.zeros(0)));
            SafeTensors read = SafeTensors.open(file);
            assertThat(read.metadata()).containsEntry("format", "pt");
            assertThat(read.entry("x").dtype()).isEqualTo(dtype);
            assertThat(read.tensor("x").shape()).containsExactly(2, 3);
            assertThat(Ops.toFloats(read.tensor("x"))).containsExactly(0, 1, 2, 3, 4, 5);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}|JSON",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}|overlaps",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}|hole",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}|bytes",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}}|overflowing",
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}|natural",
                "{\"x\":{\"dtype\":\"PICKLE\",\"shape\":[2],\"data_offsets\":[0,8]}}|dtype",
                "[1,2]|object"
            })
    void hostileHeadersAreRefusedInOneLine(String json, String reason) throws IOException {
        Path file = write(json, 8);
        assertThatThrownBy(() -> SafeTensors.open(file))
                .isInstanceOf(ReImagenException.class)
                .hasMessageContaining("hostile.safetensors")
                .hasMessageContaining(reason)
                .message()
                .hasLineCount(1);
    }

    @Test
    void twoHundredDamagedFilesAreReadOrRefused() throws IOException {
        try (var _ = new PointerScope()) {
            Path good = folder.resolve("good.safetensors");
            SafeTensors.write(good, Map.of("a", "b"), Map.of("x", torch.ones(3, 2), "y", torch.ones(5)));
            byte[] bytes = Files.readAllBytes(good);
            Random random = new Random(42);
            int refused = 0;
            for (int i = 0; i < 200; i++) {
                byte[] damaged =
                        java.util.Arrays.copyOf(bytes, i % 2 == 0 ? random.nextInt(bytes.length) : bytes.length);
                if (damaged.length > 0) {
                    damaged[random.nextInt(Math.min(damaged.length, 120))] ^= (byte) (1 << random.nextInt(8));
                }
                Path file = Files.write(folder.resolve("damaged.safetensors"), damaged);
                try {
                    SafeTensors.open(file).names().forEach(n -> assertThat(n).isNotNull());
                } catch (ReImagenException e) {
                    assertThat(e.getMessage()).contains("damaged.safetensors");
                    refused++;
                }
            }
            assertThat(refused).isGreaterThan(150);
        }
    }

    @Test
    void aCheckpointOfAnotherShapeIsRefusedByTensor() {
        try (var _ = new PointerScope()) {
            UNet net = new UNet(UNetConfig.tiny());
            Map<String, Tensor> weights = new java.util.LinkedHashMap<>(Weights.named(net));
            weights.put("time_in.bias", torch.zeros(3));
            Path file = folder.resolve("other.safetensors");
            SafeTensors.write(file, Map.of(), weights);
            assertThatThrownBy(() -> Weights.load(net, SafeTensors.open(file)))
                    .hasMessageContaining("time_in.bias")
                    .hasMessageContaining("[3]");
            weights.remove("time_in.bias");
            SafeTensors.write(file, Map.of(), weights);
            assertThatThrownBy(() -> Weights.load(net, SafeTensors.open(file))).hasMessageContaining("time_in.bias");
        }
    }

    @Test
    void aModelFolderComesBackAsItWas() throws IOException {
        try (var _ = new PointerScope()) {
            UNet net = new UNet(UNetConfig.tiny());
            StageConfig config = new StageConfig(UNetConfig.tiny(), 32, "words");
            ModelFolder model = new ModelFolder(folder.resolve("model"));
            model.writeBase(config, Weights.named(net), Map.of("modelspec.title", "test"));
            assertThat(model.baseConfig()).isEqualTo(config);
            UNet loaded = model.loadBase();
            float[] expected = Ops.toFloats(
                    Weights.bfloat16(Weights.named(net)).values().iterator().next());
            assertThat(Ops.toFloats(Weights.named(loaded).values().iterator().next()))
                    .containsExactly(expected);
            Path json = folder.resolve("model/base/config.json");
            Files.writeString(
                    json, Files.readString(json).replace("\"resolution\"", "\"surprise\" : 1, \"resolution\""));
            assertThatThrownBy(model::baseConfig)
                    .isInstanceOf(ReImagenException.class)
                    .hasMessageContaining("surprise");
        }
    }
}
