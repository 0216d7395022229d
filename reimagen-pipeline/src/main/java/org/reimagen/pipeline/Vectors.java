package org.reimagen.pipeline;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.encoder.Embedder;
import org.reimagen.knowledge.encoder.OnnxClipEmbedder;
import org.reimagen.knowledge.encoder.TextEncoder;
import org.reimagen.knowledge.retrieval.Retriever;
import org.reimagen.knowledge.retrieval.Retrievers;

/**
 * Whose vectors a base is embedded with and searched by: a dual encoder's, or, without one, those of captions and outlines.
 *
 * <p><b>Owns</b>: the dual encoder, until {@link #close}; not the text encoder. <b>Thread-safety</b>: safe.
 *
 * @param encoder of captions and prompts
 * @param dual maps texts and pictures into one space; none for the vectors that every base has
 */
public record Vectors(TextEncoder encoder, @Nullable Embedder dual) implements AutoCloseable {
    /**
     * Opens a dual encoder's folder, whichever kind it is.
     *
     * @param folder none for the vectors of captions and outlines
     * @throws RuntimeException in one line naming the file that is missing or does not fit
     */
    public static Vectors open(@Nullable Path folder, TextEncoder encoder) {
        return new Vectors(encoder, folder == null ? null : dual(folder, encoder));
    }

    /**
     * The dual encoder in a folder: a CLIP in ONNX form where there is a vision tower, else one of {@code train clip}.
     *
     * @return <b>Owns</b>: the caller
     */
    public static Embedder dual(Path folder, TextEncoder encoder) {
        return Files.isRegularFile(folder.resolve(OnnxClipEmbedder.VISION))
                ? OnnxClipEmbedder.fromFolder(folder)
                : DualEncoderEmbedder.open(folder, encoder);
    }

    /** What pairs are embedded with: what every base has, and the dual encoder. */
    public List<Embedder> embedders() {
        List<Embedder> all = new ArrayList<>(Retrievers.embedders(encoder));
        if (dual != null) {
            all.add(dual);
        }
        return all;
    }

    /** Names of the vectors that are searched. */
    public List<String> names() {
        return (dual == null ? Retrievers.embedders(encoder) : List.of(dual))
                .stream().map(Embedder::name).toList();
    }

    /**
     * The retriever of a name over these vectors.
     *
     * @throws org.reimagen.knowledge.KnowledgeException if the base lacks the vectors that it needs
     */
    public Retriever retriever(Retrievers kind, KnowledgeBase base) {
        return dual == null ? kind.over(base, encoder) : kind.overDual(base, dual);
    }

    @Override
    public void close() {
        if (dual != null) {
            dual.close();
        }
    }
}
