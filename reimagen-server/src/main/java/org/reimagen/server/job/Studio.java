package org.reimagen.server.job;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.reimagen.knowledge.KnowledgeBase;
import org.reimagen.knowledge.KnowledgeBaseWriter;
import org.reimagen.knowledge.encoder.Embedder;
import org.reimagen.knowledge.ingest.Embedding;
import org.reimagen.knowledge.retrieval.Neighbor;
import org.reimagen.pipeline.GenerationRequest;
import org.reimagen.pipeline.ReImagen;
import org.reimagen.pipeline.ResultListener;

/**
 * The model with its knowledge base, which may be changed while others read it.
 *
 * <p><b>Thread-safety</b>: safe; drawings are made one after another. <b>Owns</b>: both.
 */
public final class Studio implements Painter, AutoCloseable {
    private final Opener opener;
    private final Path knowledge;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final ReentrantLock drawing = new ReentrantLock();
    private KnowledgeBase base;
    private ReImagen reimagen;

    /** Opens the model over a knowledge base. */
    @FunctionalInterface
    public interface Opener {
        /** Opens it; the base stays the caller's. */
        ReImagen open(KnowledgeBase base);
    }

    /** Opens the knowledge base in this folder and the model over it. */
    public Studio(Path knowledge, Opener opener) {
        this.knowledge = knowledge;
        this.opener = opener;
        this.base = KnowledgeBase.open(knowledge);
        this.reimagen = open(base);
    }

    private ReImagen open(KnowledgeBase opened) {
        try {
            return opener.open(opened);
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    @Override
    public void paint(List<GenerationRequest> requests, ResultListener ended) {
        drawing.lock();
        try {
            reimagen.generate(requests, ended);
        } finally {
            drawing.unlock();
        }
    }

    /** The neighbours that {@link #paint} would read; beside a drawing. */
    public List<Neighbor> retrieve(GenerationRequest request) {
        return reading(_ -> reimagen.retrieve(request));
    }

    /** Reads the base as it is now; nothing of it may be kept. */
    public <T> T read(Function<KnowledgeBase, T> reader) {
        return reading(reader);
    }

    private <T> T reading(Function<KnowledgeBase, T> reader) {
        lock.readLock().lock();
        try {
            return reader.apply(base);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Side of the pictures of every stage, smallest first, as far as the model goes. */
    public List<Integer> resolutions() {
        return reading(_ -> {
            int last = reimagen.resolution();
            List<Integer> later =
                    List.of(256, 1024).stream().filter(r -> r <= last).toList();
            return java.util.stream.Stream.concat(java.util.stream.Stream.of(reimagen.baseResolution()), later.stream())
                    .distinct()
                    .toList();
        });
    }

    /**
     * Changes the base and goes on with what it then holds; commits before it returns. One change at a time.
     *
     * @throws org.reimagen.knowledge.KnowledgeException in one line if the change is refused; nothing is then changed
     */
    public synchronized void change(Consumer<KnowledgeBaseWriter> change) {
        try (KnowledgeBaseWriter writer = KnowledgeBaseWriter.open(knowledge)) {
            change.accept(writer);
            writer.commit();
            embed(writer);
        }
        KnowledgeBase newBase = KnowledgeBase.open(knowledge);
        ReImagen newReimagen = open(newBase);
        drawing.lock();
        lock.writeLock().lock();
        try {
            reimagen.close();
            base.close();
            base = newBase;
            reimagen = newReimagen;
        } finally {
            lock.writeLock().unlock();
            drawing.unlock();
        }
    }

    /** Gives new pairs the vectors that references are looked up by. */
    private void embed(KnowledgeBaseWriter writer) {
        List<Embedder> embedders = reimagen.embedders();
        if (!embedders.isEmpty()) {
            try (KnowledgeBase written = KnowledgeBase.open(knowledge)) {
                new Embedding(embedders, _ -> {}).run(written, writer);
            }
        }
    }

    @Override
    public void close() {
        drawing.lock();
        lock.writeLock().lock();
        try {
            reimagen.close();
            base.close();
        } finally {
            lock.writeLock().unlock();
            drawing.unlock();
        }
    }
}
