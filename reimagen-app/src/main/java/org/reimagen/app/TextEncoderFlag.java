package org.reimagen.app;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.reimagen.core.ReImagenException;
import org.reimagen.core.checkpoint.ModelFolder;
import org.reimagen.core.checkpoint.StageConfig;
import org.reimagen.knowledge.encoder.CachingTextEncoder;
import org.reimagen.knowledge.encoder.OnnxTextEncoder;
import org.reimagen.knowledge.encoder.TextEncoder;
import picocli.CommandLine.Option;

/** Which frozen encoder reads the texts; a flag of every command that draws, trains or embeds. */
final class TextEncoderFlag {
    @Option(
            names = "--text-encoder",
            paramLabel = "FOLDER",
            description = "text encoder: a folder with model.onnx and tokenizer.json (default: the built-in bge-small)")
    private @Nullable Path folder;

    /** The encoder. <b>Owns</b>: the caller. */
    TextEncoder open() {
        return folder == null ? OnnxTextEncoder.builtIn() : OnnxTextEncoder.fromFolder(folder);
    }

    /** The encoder, remembering so many texts. <b>Owns</b>: the caller. */
    TextEncoder open(int cachedTexts) {
        return new CachingTextEncoder(open(), cachedTexts);
    }

    /**
     * The encoder that a model's network reads. <b>Owns</b>: the caller.
     *
     * @throws ReImagenException naming the flag, if the model was trained with another one or reads another width
     */
    TextEncoder openFor(Path model) {
        StageConfig config = new ModelFolder(model).baseConfig();
        TextEncoder encoder = open();
        int dim = config.unet().textDim();
        if (config.textEncoder().equals(encoder.name()) && dim == encoder.dim()) {
            return encoder;
        }
        encoder.close();
        throw new ReImagenException("%s: was trained with the text encoder %s (%d channels), not %s (%d); name the"
                        .formatted(model, config.textEncoder(), dim, encoder.name(), encoder.dim())
                + " former's folder by --text-encoder");
    }
}
