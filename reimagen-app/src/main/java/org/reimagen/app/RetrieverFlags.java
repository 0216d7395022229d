package org.reimagen.app;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeException;
import org.reimagen.knowledge.retrieval.ParetoRetriever;
import org.reimagen.knowledge.retrieval.Retriever;
import org.reimagen.knowledge.retrieval.Retrievers;
import org.reimagen.pipeline.ReImagen;
import org.reimagen.pipeline.Vectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How things are looked up: flags of {@code kb search}, {@code generate} and {@code serve}. */
final class RetrieverFlags {
    @Option(names = "--retriever", description = "${COMPLETION-CANDIDATES} (bm25; with --clip or --image dense)")
    private @Nullable Retrievers retriever;

    @Mixin
    private ClipFlag clip = new ClipFlag();

    @Option(names = "--sub-queries", description = "look up each thing that the text names by itself")
    private boolean subQueries;

    /**
     * The retriever that is asked for.
     *
     * @param byPicture whether a picture is looked up too
     * @throws KnowledgeException naming the flag, if words alone are asked for beside what is none
     */
    Retrievers kind(boolean byPicture) {
        String beside = byPicture ? "--image" : clip.folder() == null ? "" : "--clip";
        if (!beside.isEmpty() && retriever == Retrievers.BM25) {
            throw new KnowledgeException(
                    "--retriever bm25 looks up words only; take dense, rrf or weighted for " + beside);
        }
        Retrievers byDefault = beside.isEmpty() ? Retrievers.BM25 : Retrievers.DENSE;
        return retriever == null ? byDefault : retriever;
    }

    /** The folder that {@code --clip} names. */
    @Nullable
    Path clip() {
        return clip.folder();
    }

    /** The retriever over a base. */
    Retriever over(KnowledgeBase base, Vectors vectors, boolean byPicture) {
        Retriever plain = vectors.retriever(kind(byPicture), base);
        return subQueries ? new ParetoRetriever(plain) : plain;
    }

    /** Lets a model look up its references so. */
    void use(ReImagen reimagen, boolean byPicture) {
        reimagen.use(kind(byPicture), clip());
        if (subQueries) {
            reimagen.wrap(ParetoRetriever::new);
        }
    }
}
