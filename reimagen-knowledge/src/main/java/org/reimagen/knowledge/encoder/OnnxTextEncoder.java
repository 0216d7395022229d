package org.reimagen.knowledge.encoder;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.reimagen.knowledge.KnowledgeException;

/**
 * A text encoder in ONNX form with a Hugging Face tokenizer, run on one thread, one text at a time.
 *
 * <p>One at a time, because an encoder quantised on the fly gives a text other states when it is batched with others.
 */
public final class OnnxTextEncoder implements TextEncoder {
    private static final String BUILT_IN = "bge-small-en-v1.5-q";
    private static final int MAX_TOKENS = 64;

    /** Bytes of address space; only what is used is taken. */
    private static final long DEEP_STACK = 256L << 20;

    private final String name;
    private final OrtSession session;
    private final HuggingFaceTokenizer tokenizer;
    private final Pooling pooling;
    private final int dim;

    private OnnxTextEncoder(String name, byte[] model, HuggingFaceTokenizer tokenizer, Pooling pooling)
            throws OrtException {
        this.name = name;
        this.tokenizer = tokenizer;
        this.pooling = pooling;
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(1);
        options.setInterOpNumThreads(1);
        this.session = environment().createSession(model, options);
        this.dim = stateDim(name, session);
    }

    /**
     * The runtime's environment, made on a thread with a deep stack: making it recurses a megabyte deep and more, the whole stack of
     * a usual thread, and the process would end without a word.
     */
    static OrtEnvironment environment() {
        FutureTask<OrtEnvironment> made = new FutureTask<>(OrtEnvironment::getEnvironment);
        Thread.Builder.OfPlatform thread =
                Thread.ofPlatform().name("onnx-environment").daemon().stackSize(DEEP_STACK);
        thread.start(made);
        try {
            return made.get();
        } catch (ExecutionException e) {
            throw new KnowledgeException("ONNX Runtime cannot be started: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KnowledgeException("interrupted while ONNX Runtime was started", e);
        }
    }

    private static int stateDim(String name, OrtSession session) throws OrtException {
        NodeInfo output = session.getOutputInfo().values().iterator().next();
        if (output.getInfo() instanceof TensorInfo info && info.getShape().length == 3 && info.getShape()[2] > 0) {
            return Math.toIntExact(info.getShape()[2]);
        }
        throw new KnowledgeException(
                name + ": the model's first output is no [batch, tokens, channels] of known channels");
    }

    /**
     * The encoder that the library carries: bge-small-en-v1.5, quantised, 384 channels, at most 64 tokens (MIT).
     *
     * @throws KnowledgeException if its files are not on the class path
     */
    public static TextEncoder builtIn() {
        offline();
        try {
            byte[] model = resource(BUILT_IN + ".onnx");
            try (InputStream json = stream(BUILT_IN + "-tokenizer.json")) {
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(json, options());
                return new OnnxTextEncoder(BUILT_IN, model, tokenizer, Pooling.CLS);
            }
        } catch (IOException | OrtException e) {
            throw new KnowledgeException("the built-in text encoder cannot be loaded: " + e.getMessage(), e);
        }
    }

    /**
     * Any encoder from a folder with {@code model.onnx} and {@code tokenizer.json}, such as T5's or CLIP's text half.
     *
     * <p>All tensors lie in {@code model.onnx}: external data, which may name any file of the machine, is refused.
     *
     * @throws KnowledgeException in one line naming the file that is missing, cannot be loaded or has external data
     */
    public static TextEncoder fromFolder(Path folder) {
        offline();
        Path model = folder.resolve("model.onnx");
        Path json = folder.resolve("tokenizer.json");
        for (Path file : new Path[] {model, json}) {
            if (!Files.isRegularFile(file)) {
                throw new KnowledgeException(file + ": no such file");
            }
        }
        try {
            byte[] bytes = whole(model);
            TokenizerFile.fault(json).ifPresent(fault -> {
                throw new KnowledgeException(json + ": " + fault);
            });
            HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(json, options());
            String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
            return new OnnxTextEncoder(name, bytes, tokenizer, Pooling.MEAN);
        } catch (KnowledgeException e) {
            throw e;
        } catch (IOException | OrtException | RuntimeException e) {
            throw new KnowledgeException(folder + ": the text encoder cannot be loaded: " + firstLine(e), e);
        }
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
    }

    /** The bytes of a model whose tensors all lie in it. */
    static byte[] whole(Path model) throws IOException {
        byte[] bytes = Files.readAllBytes(model);
        Optional<String> external;
        try {
            external = ExternalData.find(bytes);
        } catch (IllegalArgumentException e) {
            throw new KnowledgeException(model + ": " + e.getMessage(), e);
        }
        if (external.isPresent()) {
            throw new KnowledgeException(
                    model + ": " + external.get() + "; a model with external data is refused, save it as one file");
        }
        return bytes;
    }

    /** Keeps the tokenizer library from reaching for the network. */
    static void offline() {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    private static Map<String, String> options() {
        Map<String, String> options = new HashMap<>();
        options.put("padding", "false");
        options.put("truncation", "true");
        options.put("maxLength", String.valueOf(MAX_TOKENS));
        options.put("modelMaxLength", String.valueOf(MAX_TOKENS));
        return options;
    }

    private static InputStream stream(String resource) {
        InputStream in = OnnxTextEncoder.class.getClassLoader().getResourceAsStream(resource);
        return Objects.requireNonNull(in, () -> resource + " is not on the class path");
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = stream(name)) {
            return in.readAllBytes();
        }
    }

    @Override
    public EncodedText encode(String text) {
        Encoding encoding = tokenizer.encode(text);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try {
            for (String input : session.getInputNames()) {
                inputs.put(input, OnnxTensor.createTensor(environment, new long[][] {values(input, encoding)}));
            }
            try (OrtSession.Result result = session.run(inputs)) {
                FloatBuffer buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
                float[] states = new float[buffer.remaining()];
                buffer.get(states);
                return new EncodedText(dim, states, pooling.pool(states, dim));
            }
        } catch (OrtException e) {
            throw new KnowledgeException(name + ": the text cannot be encoded: " + firstLine(e), e);
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private long[] values(String input, Encoding encoding) {
        return switch (input) {
            case "input_ids" -> encoding.getIds();
            case "attention_mask" -> encoding.getAttentionMask();
            case "token_type_ids" -> encoding.getTypeIds();
            default -> throw new KnowledgeException(name + ": the model asks for the unknown input " + input);
        };
    }

    @Override
    public int dim() {
        return dim;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void close() {
        tokenizer.close();
        try {
            session.close();
        } catch (OrtException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }
}
