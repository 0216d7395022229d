package org.reimagen.knowledge.encoder;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.reimagen.knowledge.KnowledgeException;

/**
 * A CLIP from a folder, both towers in ONNX form, run on one thread, one text or picture at a time.
 *
 * <p>The layout is that of Hugging Face exports: {@code vision_model.onnx} ({@code pixel_values} to {@code image_embeds}),
 * {@code text_model.onnx} ({@code input_ids}, {@code attention_mask} if asked for, to {@code text_embeds}), {@code tokenizer.json} and
 * {@code preprocessor_config.json}. Texts are cut off at 77 tokens. <b>Source</b>: CLIP, arXiv 2103.00020.
 */
public final class OnnxClipEmbedder implements Embedder {
    /** The file that tells such a folder. */
    public static final String VISION = "vision_model.onnx";

    private static final String TEXT = "text_model.onnx";
    private static final int MAX_TOKENS = 77;
    private static final int MAX_DIM = 1024; // of a vector in the index
    private static final int HASH_DIGITS = 12;

    private final String name;
    private final OrtSession vision;
    private final OrtSession text;
    private final HuggingFaceTokenizer tokenizer;
    private final ClipPreprocessing preprocessing;
    private final int dim;

    private OnnxClipEmbedder(
            String name,
            OrtSession vision,
            OrtSession text,
            HuggingFaceTokenizer tokenizer,
            ClipPreprocessing preprocessing) {
        this.name = name;
        this.vision = vision;
        this.text = text;
        this.tokenizer = tokenizer;
        this.preprocessing = preprocessing;
        this.dim = embed("").length;
    }

    /**
     * The CLIP in a folder.
     *
     * <p>All tensors lie in the two models: external data, which may name any file of the machine, is refused.
     *
     * @throws KnowledgeException in one line naming the file that is missing, cannot be loaded or does not fit
     */
    public static OnnxClipEmbedder fromFolder(Path folder) {
        OnnxTextEncoder.offline();
        ClipPreprocessing preprocessing = ClipPreprocessing.read(folder.resolve("preprocessor_config.json"));
        for (String file : new String[] {VISION, TEXT, "tokenizer.json"}) {
            if (!Files.isRegularFile(folder.resolve(file))) {
                throw new KnowledgeException(folder.resolve(file) + ": no such file");
            }
        }
        try {
            byte[] pictures = OnnxTextEncoder.whole(folder.resolve(VISION));
            byte[] texts = OnnxTextEncoder.whole(folder.resolve(TEXT));
            OnnxClipEmbedder embedder = new OnnxClipEmbedder(
                    "clip-" + hash(pictures, texts),
                    session(pictures),
                    session(texts),
                    HuggingFaceTokenizer.newInstance(folder.resolve("tokenizer.json"), options()),
                    preprocessing);
            embedder.check(folder);
            return embedder;
        } catch (KnowledgeException e) {
            throw e;
        } catch (IOException | OrtException | RuntimeException e) {
            throw new KnowledgeException(folder + ": the CLIP cannot be loaded: " + e.getMessage(), e);
        }
    }

    private static OrtSession session(byte[] model) throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(1);
        options.setInterOpNumThreads(1);
        return OnnxTextEncoder.environment().createSession(model, options);
    }

    private static String hash(byte[] pictures, byte[] texts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(pictures);
            digest.update(texts);
            return HexFormat.of().formatHex(digest.digest()).substring(0, HASH_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> options() {
        Map<String, String> options = new HashMap<>();
        options.put("padding", "false");
        options.put("truncation", "true");
        options.put("maxLength", String.valueOf(MAX_TOKENS));
        options.put("modelMaxLength", String.valueOf(MAX_TOKENS));
        return options;
    }

    private void check(Path folder) {
        int other = embed(new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB)).length;
        if (other != dim || dim > MAX_DIM) {
            throw new KnowledgeException(
                    "%s: text vectors have %d components, picture vectors %d; both must have the same, at most %d"
                            .formatted(folder, dim, other, MAX_DIM));
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int dim() {
        return dim;
    }

    @Override
    public int side() {
        return preprocessing.shortSide();
    }

    @Override
    public Set<Modality> modalities() {
        return Set.of(Modality.TEXT, Modality.PICTURE);
    }

    @Override
    public float[] embed(String asked) {
        Encoding encoding = tokenizer.encode(asked);
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try {
            for (String input : text.getInputNames()) {
                long[] values = switch (input) {
                    case "input_ids" -> encoding.getIds();
                    case "attention_mask" -> encoding.getAttentionMask();
                    default -> throw unknown(TEXT, input);
                };
                inputs.put(
                        input,
                        OnnxTensor.createTensor(
                                OrtEnvironment.getEnvironment(), LongBuffer.wrap(values), new long[] {1, values.length
                                }));
            }
            return run(text, inputs, "text_embeds");
        } catch (OrtException e) {
            throw new KnowledgeException(name + ": the text cannot be embedded: " + e.getMessage(), e);
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    @Override
    public float[] embed(BufferedImage picture) {
        int side = preprocessing.crop();
        float[] pixels = preprocessing.pixels(picture);
        try {
            for (String input : vision.getInputNames()) {
                if (!input.equals("pixel_values")) {
                    throw unknown(VISION, input);
                }
            }
            try (OnnxTensor tensor = OnnxTensor.createTensor(
                    OrtEnvironment.getEnvironment(), FloatBuffer.wrap(pixels), new long[] {1, 3, side, side})) {
                return run(vision, Map.of("pixel_values", tensor), "image_embeds");
            }
        } catch (OrtException e) {
            throw new KnowledgeException(name + ": the picture cannot be embedded: " + e.getMessage(), e);
        }
    }

    private KnowledgeException unknown(String file, String input) {
        return new KnowledgeException("%s: %s asks for the unknown input %s".formatted(name, file, input));
    }

    private float[] run(OrtSession session, Map<String, OnnxTensor> inputs, String output) throws OrtException {
        try (OrtSession.Result result = session.run(inputs)) {
            Optional<ai.onnxruntime.OnnxValue> value = result.get(output);
            if (value.isEmpty() || !(value.get() instanceof OnnxTensor tensor)) {
                throw new KnowledgeException(name + ": the model has no output " + output);
            }
            FloatBuffer buffer = tensor.getFloatBuffer();
            float[] vector = new float[buffer.remaining()];
            buffer.get(vector);
            return UnitVector.of(vector);
        }
    }

    @Override
    public void close() {
        tokenizer.close();
        try {
            vision.close();
            text.close();
        } catch (OrtException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }
}
