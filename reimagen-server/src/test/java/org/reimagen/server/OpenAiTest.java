package org.reimagen.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.MultipartField;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.models.images.ImageEditParams;
import com.openai.models.images.ImageEditStreamEvent;
import com.openai.models.images.ImageGenStreamEvent;
import com.openai.models.images.ImageGenerateParams;
import com.openai.models.images.ImagesResponse;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.knowledge.draw.Pictures;
import org.reimagen.pipeline.PngWriter;

/** OpenAI's own client for Java, and clip-retrieval's request, against the running server. */
class OpenAiTest {
    @TempDir
    static Path folder = Path.of("");

    private static TestServer server;
    private static OpenAIClient client;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
        client = OpenAIOkHttpClient.builder()
                .baseUrl(server.address() + "v1")
                .apiKey("not looked at, no token is set")
                .maxRetries(0)
                .build();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    private static BufferedImage decode(String base64) throws Exception {
        return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(base64)));
    }

    private static ImageGenerateParams.Builder asked() {
        return ImageGenerateParams.builder()
                .prompt("flamingo, noto style")
                .model("gpt-image-1")
                .putAdditionalBodyProperty("num_inference_steps", JsonValue.from(3))
                .putAdditionalBodyProperty("seed", JsonValue.from(11));
    }

    @Test
    void generatesPicturesOfTheSizeAndFormatAsked() throws Exception {
        ImagesResponse response = client.images()
                .generate(asked().n(2)
                        .size(ImageGenerateParams.Size.of("256x256"))
                        .outputFormat(ImageGenerateParams.OutputFormat.JPEG)
                        .build());
        assertThat(response.data().orElseThrow()).hasSize(2);
        String first = response.data().get().getFirst().b64Json().orElseThrow();
        assertThat(decode(first).getWidth()).isEqualTo(256);
        assertThat(Base64.getDecoder().decode(first)).startsWith(0xFF, 0xD8);
        assertThat(response.usage().orElseThrow().outputTokens()).isEqualTo(2);
        assertThat(response.created()).isPositive();
    }

    @Test
    void aWebPHoldsTheSamePictureAsThePngAndLessOfItWhereAsked() throws Exception {
        ImageGenerateParams.Builder small = asked().size(ImageGenerateParams.Size.of("64x64"));
        String png = base64(small.build());
        ImageGenerateParams.Builder webp = small.outputFormat(ImageGenerateParams.OutputFormat.WEBP);
        byte[] whole = Base64.getDecoder().decode(base64(webp.build()));
        byte[] less =
                Base64.getDecoder().decode(base64(webp.outputCompression(20).build()));
        assertThat(new String(whole, 8, 4, StandardCharsets.US_ASCII)).isEqualTo("WEBP");
        assertThat(less.length).isLessThan(whole.length);
        BufferedImage wanted = decode(png);
        BufferedImage read = Pictures.decode("whole.webp", whole);
        for (int i = 0; i < 64 * 64; i++) {
            assertThat(read.getRGB(i % 64, i / 64)).isEqualTo(wanted.getRGB(i % 64, i / 64));
        }
        assertThat(Pictures.decode("less.webp", less).getWidth()).isEqualTo(64);
    }

    private static String base64(ImageGenerateParams params) {
        ImagesResponse response = client.images().generate(params);
        return response.data().orElseThrow().getFirst().b64Json().orElseThrow();
    }

    @Test
    void editsStreamPartialImagesAndTheFinishedOne() throws Exception {
        byte[] png = PngWriter.encode(new BufferedImage(30, 30, BufferedImage.TYPE_INT_RGB), Map.of());
        ImageEditParams params = ImageEditParams.builder()
                .image(MultipartField.<ImageEditParams.Image>builder()
                        .value(ImageEditParams.Image.ofInputStream(new ByteArrayInputStream(png)))
                        .contentType("image/png")
                        .filename("a.png")
                        .build())
                .prompt("flamingo at night")
                .size(ImageEditParams.Size.of("256x256"))
                .partialImages(2)
                .putAdditionalBodyProperty("num_inference_steps", JsonValue.from(3))
                .build();
        try (StreamResponse<ImageEditStreamEvent> stream = client.images().editStreaming(params)) {
            List<ImageEditStreamEvent> events = stream.stream().toList();
            assertThat(events.stream().filter(ImageEditStreamEvent::isPartialImage))
                    .hasSizeBetween(1, 2);
            assertThat(events.getLast().isCompleted()).isTrue();
            assertThat(decode(events.getLast().asCompleted().b64Json()).getWidth())
                    .isEqualTo(256);
            assertThat(events.getLast()
                            .asCompleted()
                            .usage()
                            .inputTokensDetails()
                            .imageTokens())
                    .isEqualTo(1);
        }
    }

    @Test
    void givesAnAddressWhereOneIsAsked() throws Exception {
        ImagesResponse response = client.images()
                .generate(asked().putAdditionalBodyProperty("response_format", JsonValue.from("url"))
                        .size(ImageGenerateParams.Size.of("256x256"))
                        .build());
        String url = response.data().orElseThrow().getFirst().url().orElseThrow();
        try (InputStream in = java.net.URI.create(url).toURL().openStream()) {
            assertThat(ImageIO.read(in).getWidth()).isEqualTo(256);
        }
    }

    @Test
    void streamsPartialImagesAndTheFinishedOne() throws Exception {
        try (StreamResponse<ImageGenStreamEvent> stream = client.images()
                .generateStreaming(asked().partialImages(2)
                        .size(ImageGenerateParams.Size.of("256x256"))
                        .build())) {
            List<ImageGenStreamEvent> events = stream.stream().toList();
            assertThat(events.getLast().isGenerationCompleted()).isTrue();
            assertThat(decode(events.getLast().asGenerationCompleted().b64Json())
                            .getWidth())
                    .isEqualTo(256);
            assertThat(events.getLast().asGenerationCompleted().usage().totalTokens())
                    .isPositive();
            List<ImageGenStreamEvent> partial = events.stream()
                    .filter(ImageGenStreamEvent::isGenerationPartialImage)
                    .toList();
            assertThat(partial).hasSizeBetween(1, 2);
            assertThat(partial.getFirst().asGenerationPartialImage().partialImageIndex())
                    .isZero();
            assertThat(decode(partial.getFirst().asGenerationPartialImage().b64Json())
                            .getWidth())
                    .isPositive();
        }
    }

    @Test
    void picturesSentToEditsAreTheReferences() throws Exception {
        byte[] png = PngWriter.encode(new BufferedImage(30, 30, BufferedImage.TYPE_INT_RGB), Map.of());
        ImagesResponse response = client.images()
                .edit(ImageEditParams.builder()
                        .image(MultipartField.<ImageEditParams.Image>builder()
                                .value(ImageEditParams.Image.ofInputStream(new ByteArrayInputStream(png)))
                                .contentType("image/png")
                                .filename("a.png")
                                .build())
                        .prompt("flamingo at night")
                        .size(ImageEditParams.Size.of("256x256"))
                        .putAdditionalBodyProperty("num_inference_steps", JsonValue.from(1))
                        .build());
        assertThat(decode(response.data().orElseThrow().getFirst().b64Json().orElseThrow())
                        .getWidth())
                .isEqualTo(256);
        assertThat(response.usage().orElseThrow().inputTokensDetails().imageTokens())
                .isEqualTo(1);
    }

    @Test
    void errorsHaveTheShapeThatTheClientReads() {
        assertThatThrownBy(() -> client.images()
                        .generate(asked().size(ImageGenerateParams.Size.of("1792x1024"))
                                .build()))
                .isInstanceOfSatisfying(BadRequestException.class, e -> {
                    assertThat(e.param()).contains("size");
                    assertThat(e.code()).contains("invalid_value");
                    assertThat(e.type()).contains("invalid_request_error");
                });
        assertThat(client.models().list().data().getFirst().id()).isEqualTo("tiny");
    }

    @Test
    void clipRetrievalsRequestFindsCaptions() throws Exception {
        HttpResponse<String> response = server.post("/knn-service", """
                {"text": "flamingo", "image": null, "image_url": null, "modality": "image", "num_images": 2,
                 "indice_name": "reimagen", "num_result_ids": 2, "deduplicate": true, "use_safety_model": true}
                """);
        JsonNode found = TestServer.json(response);
        assertThat(found).hasSize(2);
        assertThat(found.at("/0/caption").asText()).startsWith("flamingo");
        assertThat(found.at("/0/similarity").asDouble()).isPositive();
        assertThat(found.at("/0/url").asText()).startsWith(server.address());
        String byLook = java.net.URI.create(found.at("/0/url").asText()).getRawSchemeSpecificPart();
        assertThat(byLook).contains("size=256");
    }
}
